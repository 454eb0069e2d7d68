package rewrite

import (
	"errors"
	"strings"
	"testing"
)

func TestFieldsComeAndGo(t *testing.T) {
	field := []string{"// B is another.", "B int"}
	for name, test := range map[string]struct{ src, want string }{
		"last":    {"package p\n\ntype S struct {\n\t// A is one.\n\tA int // of them\n}\n", "package p\n\ntype S struct {\n\t// A is one.\n\tA int // of them\n\t// B is another.\n\tB int\n}\n"},
		"only":    {"package p\n\ntype S struct {\n}\n", "package p\n\ntype S struct {\n\t// B is another.\n\tB int\n}\n"},
		"grouped": {"package p\n\ntype (\n\tS struct {\n\t\tA int\n\t\t// at the end\n\t}\n)\n", "package p\n\ntype (\n\tS struct {\n\t\tA int\n\t\t// at the end\n\t\t// B is another.\n\t\tB int\n\t}\n)\n"},
		"windows": {"package p\r\n\r\ntype S struct {\r\n\tA int\r\n}\r\n", "package p\r\n\r\ntype S struct {\r\n\tA int\r\n\t// B is another.\r\n\tB int\r\n}\r\n"},
	} {
		got, err := AddField("s.go", []byte(test.src), "S", field...)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if back, err := RemoveField("s.go", got, "S", field...); err != nil || string(back) != test.src {
			t.Errorf("%s: removed: %q, %v", name, back, err)
		}
		changed := strings.Replace(string(got), "B int", "B string", 1)
		if back, err := RemoveField("s.go", []byte(changed), "S", field...); err != nil || string(back) != changed {
			t.Errorf("%s: removed though changed: %q, %v", name, back, err)
		}
	}
	for name, src := range map[string]string{"none": "package p\n", "one line": "package p\n\ntype S struct{}\n", "no struct": "package p\n\ntype S int\n"} {
		_, err := AddField("s.go", []byte(src), "S", field...)
		if missing := new(NotFoundError); !errors.As(err, &missing) || !strings.Contains(err.Error(), "struct S") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
