package controlplane

import "testing"

func TestPlain(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`running low`:                                `running low`,
		`"counting"`:                                 `counting`,
		`"reading" err="no such file" file="x"`:      `reading: no such file file="x"`,
		`"reading" file="x"`:                         `reading file="x"`,
		`"say \"x\"" n=1`:                            `say "x" n=1`,
		`"x" is no name`:                             `"x" is no name`,
		"\"reading\" err=<\n\ta\n\tb\n > file=\"x\"": "reading err=<\n\ta\n\tb\n > file=\"x\"",
		``: ``,
	} {
		if got := plain(message); got != want {
			t.Errorf("%s: %s, not %s", message, got, want)
		}
	}
}
