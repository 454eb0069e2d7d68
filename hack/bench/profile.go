package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Part is work that a stack of calls can be of: a function of it has one of the marks in its name.
type Part struct {
	Name  string
	Marks []string
}

func (p Part) has(function string) bool {
	return slices.ContainsFunc(p.Marks, func(mark string) bool { return strings.Contains(function, mark) })
}

// Collector is the part of Go's garbage collector.
func Collector() Part {
	return Part{"garbage collector", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.gcStart", "runtime.bgscavenge", "runtime.gcMarkTermination"}}
}

// Split says what a CPU profile is of.
type Split struct {
	// Work are the parts of which a sample is if any function of its stack is: the first that fits.
	Work []Part
	// Whose are those of the others, by the innermost function that is of one of them.
	Whose []Part
	// Rest is what is of none.
	Rest string
}

// Names are those of all parts, in their order.
func (s Split) Names() (names []string) {
	for _, p := range slices.Concat(s.Work, s.Whose) {
		names = append(names, p.Name)
	}
	return append(names, s.Rest)
}

// of returns what a stack, its innermost function first, is part of.
func (s Split) of(stack []string) string {
	for _, p := range s.Work {
		if slices.ContainsFunc(stack, p.has) {
			return p.Name
		}
	}
	for _, function := range stack {
		for _, p := range s.Whose {
			if p.has(function) {
				return p.Name
			}
		}
	}
	return s.Rest
}

// Shares returns the parts' shares of a profile, by Go's own reading of it: a time, then a stack of functions, for each sample.
func (s Split) Shares(ctx context.Context, file string) (map[string]float64, error) {
	command := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", file)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go tool pprof: %w", err)
	}
	spent := map[string]time.Duration{}
	var all, took time.Duration
	var stack []string
	end := func() {
		spent[s.of(stack)] += took
		all += took
		took, stack = 0, nil
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) > 0 && strings.HasPrefix(words[0], "-----"):
			end()
		case len(words) > 1 && took == 0:
			if took, err = time.ParseDuration(words[0]); err != nil {
				took = 0 // the head of the output
				continue
			}
			stack = append(stack, words[1])
		case len(words) > 0 && took > 0:
			stack = append(stack, words[0])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	end()
	if all == 0 {
		return nil, fmt.Errorf("%s has no samples", file)
	}
	shares := map[string]float64{}
	for name, t := range spent {
		shares[name] = t.Seconds() / all.Seconds()
	}
	return shares, nil
}
