package scaffold

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

func TestAddDefinitions(t *testing.T) {
	const head = "package apiserver\n\nimport \"github.com/kubecraft/kubecraft/runtime/controlplane\"\n\n"
	for name, test := range map[string]struct{ before, after string }{
		"many lines": {
			"func G() controlplane.Part {\n\treturn controlplane.Groups{ // mine\n\t\tGroups: nil,\n\t}\n}\n",
			"func G() controlplane.Part {\n\treturn controlplane.Groups{ // mine\n\t\tOpenAPI: openapi.Get,\n\t\tGroups: nil,\n\t}\n}\n",
		},
		"own lines": {
			"var g = controlplane.Groups{\n\tGroups: nil,\n}\n",
			"var g = controlplane.Groups{\n\tOpenAPI: openapi.Get,\n\tGroups: nil,\n}\n",
		},
		"one line": {"var g = controlplane.Groups{Groups: nil}\n", "var g = controlplane.Groups{OpenAPI: openapi.Get, Groups: nil}\n"},
		"CRLF": {
			"var g = &controlplane.Groups{\r\n\tGroups: nil,\r\n}\r\n",
			"var g = &controlplane.Groups{\r\n\tOpenAPI: openapi.Get,\r\n\tGroups: nil,\r\n}\r\n",
		},
		"nothing in it": {"var g = controlplane.Groups{}\n", "var g = controlplane.Groups{OpenAPI: openapi.Get,}\n"},
		"there already": {"var g = controlplane.Groups{OpenAPI: mine}\n", "var g = controlplane.Groups{OpenAPI: mine}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := addDefinitions("install.go", []byte(head+test.before), "openapi.Get")
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != head+test.after {
				t.Errorf("got\n%q\nwant\n%q", got, head+test.after)
			}
			again, err := addDefinitions("install.go", got, "openapi.Get")
			if err != nil || string(again) != string(got) {
				t.Errorf("the second time: %v\n%s", err, again)
			}
		})
	}
}

func TestAddDefinitionsFindsNoPlace(t *testing.T) {
	for _, src := range []string{
		"package apiserver\n",
		"package apiserver\n\nimport \"github.com/kubecraft/kubecraft/runtime/controlplane\"\n\nvar p controlplane.Part\n",
	} {
		_, err := addDefinitions("install.go", []byte(src), "openapi.Get")
		var notFound *rewrite.NotFoundError
		if !errors.As(err, &notFound) || !strings.Contains(err.Error(), "OpenAPI: openapi.Get") {
			t.Errorf("error %v does not say what to add", err)
		}
	}
}
