package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
)

// commands are what scripts can say besides testscript's own.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"remember":  remember,
		"unchanged": unchanged,
		"ready":     ready,
		"oneline":   oneLine,
		"replace":   replace,
		"until":     until,
	}
}

// remember DIR notes every file below a folder, for unchanged DIR.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: remember DIR")
	}
	ts.Setenv("tree_"+args[0], treeOf(ts, args[0]))
}

// unchanged DIR fails if a file below a folder was made, removed or changed since remember DIR.
func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: unchanged DIR")
	}
	before, after := ts.Getenv("tree_"+args[0]), treeOf(ts, args[0])
	if neg == (before == after) {
		ts.Fatalf("%s was:\n%sand is:\n%s", args[0], before, after)
	}
}

func treeOf(ts *testscript.TestScript, dir string) string {
	files := map[string]string{}
	root := ts.MkAbs(dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[name] = fmt.Sprintf("%s %s %d %d", name, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	ts.Check(err)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text.WriteString(files[name] + "\n")
	}
	return text.String()
}

// ready KUBECONFIG waits until the server that a kubeconfig names answers.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready KUBECONFIG")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(awaitReady(ctx, ts.MkAbs(args[0])))
}

// awaitReady polls: the kubeconfig is all that a server and its users share.
func awaitReady(ctx context.Context, kubeconfig string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := client.FromKubeconfig(kubeconfig)
		if err == nil {
			err = c.Ready(ctx)
			c.Close()
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w", err)
		case <-tick.C:
		}
	}
}

// until PATTERN COMMAND ARG... runs a command until a line of its output matches, for what kubectl wait cannot wait for: that something is there of
// which only a selector is known.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN COMMAND ARG...")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for ts.Exec(args[1], args[2:]...) != nil || !pattern.MatchString(ts.ReadFile("stdout")) {
		if ctx.Err() != nil {
			ts.Fatalf("no line matches %s", args[0])
		}
	}
}

// oneline FILE fails unless a file (or stdout, stderr) is one line.
func oneLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: oneline FILE")
	}
	text := ts.ReadFile(args[0])
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		ts.Fatalf("not one line:\n%s", text)
	}
}

// replace OLD NEW FILE edits a file as a user would; OLD must be in it.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace OLD NEW FILE")
	}
	unescape := strings.NewReplacer(`\n`, "\n", `\t`, "\t")
	text, old := ts.ReadFile(args[2]), unescape.Replace(args[0])
	if !strings.Contains(text, old) {
		ts.Fatalf("%s does not contain %q", args[2], old)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, old, unescape.Replace(args[1]))), 0o644))
}
