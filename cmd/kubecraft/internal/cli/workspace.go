package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/gotool"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
)

// openProject reads the project that the command works in, after putting right what a killed command left there.
func (a *app) openProject() (*project.Project, error) {
	dir, err := a.dir, error(nil)
	if dir == "" {
		dir, err = os.Getwd()
	}
	if err != nil {
		return nil, err
	}
	// The shell's name for the folder may be that of a link to it: the project is where the link leads.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	if err := a.recoverAbove(dir); err != nil {
		return nil, err
	}
	return project.Load(dir)
}

// isNoProject says whether an error is that there is no project here.
func isNoProject(err error) bool {
	var none *project.NotProjectError
	return errors.As(err, &none)
}

// recoverAbove looks for an interrupted commit in dir and the folders above it, up to the project's root.
func (a *app) recoverAbove(dir string) error {
	for {
		found, err := changeset.Recover(dir)
		if err != nil {
			return err
		}
		switch found {
		case changeset.PutBack:
			a.progress.Line("an interrupted kubecraft left half-written files here: put back as they were")
		case changeset.TidiedUp:
			a.progress.Line("an interrupted kubecraft had written all of its files here: they stay")
		}
		up := filepath.Dir(dir)
		if _, err := os.Lstat(filepath.Join(dir, "go.mod")); err == nil || up == dir {
			return nil
		}
		dir = up
	}
}

// goFor finds the go command for a project whose go.mod is goMod.
func (a *app) goFor(ctx context.Context, dir string, goMod []byte) (*gotool.Tool, error) {
	need := ""
	if parsed, err := modfile.ParseLax("go.mod", goMod, nil); err == nil && parsed.Go != nil {
		need = parsed.Go.Version
	}
	return gotool.Find(ctx, dir, need)
}

// goForProject is goFor with the go.mod on disk.
func (a *app) goForProject(ctx context.Context, dir string) (*gotool.Tool, error) {
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	return a.goFor(ctx, dir, goMod)
}

// generate runs the generators over the project in dir, as it will be with the files of overlay.
func (a *app) generate(ctx context.Context, tool *gotool.Tool, dir string, overlay map[string][]byte) (*codegen.Result, error) {
	if a.skipGenerators {
		return &codegen.Result{}, nil
	}
	began := time.Now()
	abs := map[string][]byte{}
	for name, content := range overlay {
		abs[filepath.Join(dir, filepath.FromSlash(name))] = content
	}
	a.progress.Draw("generating code ...")
	made, err := codegen.Run(ctx, codegen.Options{Dir: dir, Overlay: abs, Env: tool.Env(), Cache: cacheFolder()})
	a.progress.Erase()
	var broken *codegen.Error
	if errors.As(err, &broken) && a.verbose > 1 && broken.Detail != "" {
		a.progress.Line("%s", broken.Detail)
	}
	if err != nil {
		return nil, err
	}
	a.tell(1, "generated %s in %s", report.Count(len(made.Files), "file"), report.Duration(time.Since(began)))
	for _, line := range made.Log {
		a.tell(2, "%s", line)
	}
	return made, nil
}

// cacheFolder is where kubecraft keeps what takes long to make again, of all projects. Empty on a system that has no place for
// it.
func cacheFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kubecraft")
}

// tell writes a line if the user wants to know that much.
func (a *app) tell(level int, format string, args ...any) {
	if a.verbose >= level {
		a.progress.Line(format, args...)
	}
}

// serverName is the name of a project's command: the last element of its module path that is not a major version.
func serverName(modulePath string) string {
	if prefix, _, ok := module.SplitPathVersion(modulePath); ok {
		modulePath = prefix
	}
	return filepath.Base(filepath.FromSlash(modulePath))
}

// serverBinary is where the project's command is built to, relative to the project's root.
func serverBinary(modulePath string) string {
	name := serverName(modulePath)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join("bin", name)
}
