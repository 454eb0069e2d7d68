package v1

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

func TestDefaultsOfBar(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set  func(*Bar)
		want string
	}{
		"nothing is set":  {set: func(*Bar) {}, want: "first"},
		"set by a client": {set: func(object *Bar) { object.Spec.Description = "another" }, want: "another"},
	} {
		t.Run(name, func(t *testing.T) {
			object := &Bar{}
			object.Name = "first"
			test.set(object)
			scheme.Default(object)
			if got := object.Spec.Description; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
