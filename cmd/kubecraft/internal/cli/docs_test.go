package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDocumentedCommands holds what the documentation and the help show of this command to the verbs and flags that there are.
func TestDocumentedCommands(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	var pages []string
	for _, pattern := range []string{"README*.md", "docs/*.md", "docs/lessons/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		pages = append(pages, found...)
	}
	seen := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		commands := false // a block of them is open
		for i, line := range strings.Split(string(text), "\n") {
			if language, ok := strings.CutPrefix(line, "```"); ok {
				commands = language == "sh" || language == "console"
			}
			for _, args := range shown(line, commands) {
				seen++
				if err := accepts(args); err != nil {
					t.Errorf("%s:%d: kubecraft %s: %v", page, i+1, strings.Join(args, " "), err)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("the pages show %d commands: the test does not see them", seen)
	}
}

// TestExamplesOfHelp: each verb has an example, of commands that there are.
func TestExamplesOfHelp(t *testing.T) {
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			for _, args := range shown(strings.TrimSpace(line), true) {
				if err := accepts(args); err != nil {
					t.Errorf("%s --help shows %q: %v", cmd.CommandPath(), strings.TrimSpace(line), err)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	look((&app{}).root())
}

var (
	span    = regexp.MustCompile("`(kubecraft [^`]+)`")
	typed   = regexp.MustCompile(`^(?:\$ )?(?:go run \./cmd/)?(kubecraft .*)`)
	joins   = regexp.MustCompile(`&& *|; *|\| *`)
	ends    = regexp.MustCompile(` #.*| [<>&].*`)
	anyWord = regexp.MustCompile(`…|\.\.\.|^[A-Z]+$`)
)

// shown returns the arguments of the commands in a line: in code spans, or in a line that is to be typed.
func shown(line string, toType bool) (commands [][]string) {
	var texts []string
	if match := typed.FindStringSubmatch(line); toType && match != nil {
		texts = append(texts, joins.Split(ends.ReplaceAllString(match[1], ""), -1)...)
	}
	for _, match := range span.FindAllStringSubmatch(line, -1) {
		texts = append(texts, joins.Split(ends.ReplaceAllString(match[1], ""), -1)...)
	}
	for _, text := range texts {
		if args, ok := strings.CutPrefix(strings.TrimSpace(text), "kubecraft "); ok {
			commands = append(commands, strings.Fields(args))
		}
	}
	return commands
}

// accepts says whether there is a command for the arguments, with their flags.
func accepts(args []string) error {
	root := (&app{}).root()
	root.SetOut(io.Discard)
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && !anyWord.MatchString(rest[0]) {
		return fmt.Errorf("%s has no command %s", cmd.CommandPath(), rest[0])
	}
	if cmd.DisableFlagParsing {
		return nil
	}
	cmd.InitDefaultHelpFlag()
	return cmd.ParseFlags(rest)
}
