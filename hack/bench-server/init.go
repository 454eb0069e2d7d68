package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/hack/origin"
)

// initialization prints whose packages the time before main is spent in, as Go's runtime traces it.
func initialization(ctx context.Context, server string, table *origin.Table) error {
	cmd := exec.CommandContext(ctx, server, "--help")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		return err
	}
	packages, took := map[string]int{}, map[string]float64{}
	for line := range strings.Lines(trace.String()) {
		// init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
		words := strings.Fields(line)
		if len(words) < 5 || words[0] != "init" {
			continue
		}
		ms, err := strconv.ParseFloat(words[4], 64)
		if err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		whose := table.Of(words[1])
		packages[whose]++
		took[whose] += ms
	}
	fmt.Println("\npackage initialization, before main")
	for _, whose := range origin.All() {
		fmt.Printf("%-34s %5d packages %6.1f ms\n", whose, packages[whose], took[whose])
	}
	return nil
}
