package codegen

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"sync"

	"k8s.io/gengo/v2/generator"
)

// output collects generated files, formatting them while the next ones are generated.
type output struct {
	mu      sync.Mutex
	files   map[string][]byte // by slash path relative to the project
	errs    []error
	pending sync.WaitGroup
	slots   chan struct{}
}

func newOutput() *output {
	return &output{files: map[string][]byte{}, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// add takes a Go file that is yet to be formatted.
func (o *output) add(rel string, src []byte) {
	o.pending.Go(func() {
		o.slots <- struct{}{}
		formatted, err := format(src)
		<-o.slots
		o.mu.Lock()
		defer o.mu.Unlock()
		if err != nil {
			o.errs = append(o.errs, fmt.Errorf("the generated %s is not valid Go: %w", rel, err))
		}
		o.files[rel] = formatted
	})
}

// finish waits for the formatting.
func (o *output) finish() (map[string][]byte, error) {
	o.pending.Wait()
	if len(o.errs) > 0 {
		return nil, o.errs[0]
	}
	return o.files, nil
}

// goFile is gengo's file type for Go with the last step replaced: upstream truncates the file on disk and runs gofmt.
type goFile struct {
	upstream *generator.DefaultFileType
	out      *output
	dir      string // slash path relative to the project
}

func (f goFile) AssembleFile(file *generator.File, _ string) error {
	var b bytes.Buffer
	tracker := generator.NewErrorTracker(&b)
	f.upstream.Assemble(tracker, file)
	if err := tracker.Error(); err != nil {
		return err
	}
	f.out.add(path.Join(f.dir, file.Name), b.Bytes())
	return nil
}

// report is gengo's file type for openapi-gen's list of API rule violations.
type report struct{ text *bytes.Buffer }

func (r report) AssembleFile(file *generator.File, _ string) error {
	_, err := r.text.Write(file.Body.Bytes())
	return err
}
