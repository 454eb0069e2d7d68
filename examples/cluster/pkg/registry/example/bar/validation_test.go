package bar

import (
	"testing"

	"example.com/demo/pkg/apis/example"
)

func TestValidateBar(t *testing.T) {
	// object returns a Bar that is right but for what change makes of it.
	object := func(change func(*example.Bar)) *example.Bar {
		object := &example.Bar{}
		object.Name = "first"
		change(object)
		return object
	}
	for name, test := range map[string]struct {
		change func(*example.Bar)
		// wrong are the paths of the fields that are wrong.
		wrong []string
	}{
		"as it should be":   {change: func(*example.Bar) {}},
		"no replicas":       {change: func(o *example.Bar) { o.Spec.Replicas = new(int32) }},
		"negative replicas": {change: func(o *example.Bar) { n := int32(-1); o.Spec.Replicas = &n }, wrong: []string{"spec.replicas"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := object(test.change)
			created, updated := ValidateBar(changed), ValidateBarUpdate(changed, object(func(*example.Bar) {}))
			if len(created) != len(test.wrong) || len(updated) != len(test.wrong) {
				t.Fatalf("got %v for a new one and %v for a change, want %q to be wrong", created, updated, test.wrong)
			}
			for i, path := range test.wrong {
				if created[i].Field != path || updated[i].Field != path {
					t.Errorf("got %v for a new one and %v for a change, want %q to be wrong", created[i], updated[i], path)
				}
			}
		})
	}
}
