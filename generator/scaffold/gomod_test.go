package scaffold

import (
	"strings"
	"testing"
)

const userModule = `module example.com/demo // mine

go 1.26.0

// A note that stays.
require (
	example.com/own v1.2.3 // pinned, see issue 7
	k8s.io/apimachinery v0.99.0 // indirect; newer than kubecraft's
	k8s.io/client-go v0.37.2
)

replace example.com/own => ../own
`

func TestUpdateModuleKeepsTheUsersRequirements(t *testing.T) {
	mod, sum, err := updateModule("go.mod", []byte(userModule), []byte("example.com/own v1.2.3 h1:own\n"), withTypes)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"module example.com/demo // mine\n",
		"// A note that stays.\n",
		"\texample.com/own v1.2.3 // pinned, see issue 7\n",
		"\tk8s.io/apimachinery v0.99.0 // newer than kubecraft's\n",
		"\tk8s.io/apiserver v0.37.2\n",
		"\tsigs.k8s.io/yaml v1.6.0 // indirect\n",
		"replace example.com/own => ../own\n",
	} {
		if !strings.Contains(string(mod), want) {
			t.Errorf("no %q in\n%s", want, mod)
		}
	}
	if lines := strings.Split(string(sum), "\n"); !strings.Contains(string(sum), "\nexample.com/own v1.2.3 h1:own\n") || !strings.HasPrefix(lines[0], "cel.dev/") {
		t.Errorf("go.sum is not sorted, or has lost a line:\n%s", sum)
	}

	again, sumAgain, err := updateModule("go.mod", mod, sum, withTypes)
	if err != nil || string(again) != string(mod) || string(sumAgain) != string(sum) {
		t.Errorf("the second time something changes: %v", err)
	}
}

func TestUpdateModuleSaysWhereItIsNotAModule(t *testing.T) {
	_, _, err := updateModule("/demo/go.mod", []byte("module example.com/demo\n\nrequire ???\n"), nil, withTypes)
	if err == nil || !strings.Contains(err.Error(), "/demo/go.mod:3") {
		t.Errorf("error %v does not say where", err)
	}
}
