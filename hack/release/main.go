// Command release builds what a release ships, reproducibly: for each platform an archive with kubecraft, the control plane and
// kubectl compiled in, and a file of their sums. What is built is a clone of the commit, the time in the archives is the commit's,
// and the same version of Go, which is printed, builds the same.
//
//	go run ./hack/release                            # all platforms into dist
//	go run ./hack/release -platforms linux/amd64
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const allPlatforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

type options struct {
	out, tags, version string
	src                string // the clone
	platforms          []string
	made               time.Time // what the archives say
}

func main() {
	var o options
	var platforms string
	flag.StringVar(&o.out, "out", "dist", "the folder for the archives")
	flag.StringVar(&o.version, "version", "", "what the archives are named by (default: git describe's)")
	flag.StringVar(&o.tags, "tags", "whole", "build tags; none builds the command without a control plane")
	flag.StringVar(&platforms, "platforms", allPlatforms, "GOOS/GOARCH, separated by commas")
	flag.Parse()
	o.platforms = strings.Split(platforms, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := release(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

func release(ctx context.Context, o options) error {
	changed, err := output(ctx, "git", "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("the tree is not as it is committed:\n%s", changed)
	}
	if o.version == "" {
		if o.version, err = output(ctx, "git", "describe", "--tags", "--always", "--abbrev=12"); err != nil {
			return err
		}
	}
	o.version = strings.ReplaceAll(o.version, "/", "-")
	seconds, err := output(ctx, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	o.made = time.Unix(at, 0).UTC()
	temp, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	o.src = filepath.Join(temp, "src")
	if _, err := output(ctx, "git", "clone", "--quiet", "--no-local", ".", o.src); err != nil {
		return err
	}
	version, err := output(ctx, "go", "version")
	if err != nil {
		return err
	}
	fmt.Println(version)
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var sums strings.Builder
	for _, platform := range o.platforms {
		archive, text, err := o.build(ctx, platform)
		if err == nil {
			err = os.WriteFile(filepath.Join(o.out, archive), text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), archive)
		fmt.Printf("%s  %.1f MB\n", archive, float64(len(text))/1e6)
	}
	return os.WriteFile(filepath.Join(o.out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// build returns a platform's archive, by name and content.
func (o options) build(ctx context.Context, platform string) (string, []byte, error) {
	system, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return "", nil, errors.New("not GOOS/GOARCH")
	}
	name := "kubecraft"
	if system == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(filepath.Dir(o.src), name)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", o.tags, "-ldflags=-s -w", "-o", binary, "./cmd/kubecraft")
	// What the user's environment may say otherwise, and what would end up in the binary.
	build.Dir = o.src
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOENV=off", "GOEXPERIMENT=", "GOFIPS140=off", "GOAMD64=v1", "GOARM64=v8.0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", nil, fmt.Errorf("go build: %w", err)
	}
	files := []file{
		{name: name, path: binary, mode: 0o755},
		{name: "LICENSE", path: filepath.Join(o.src, "LICENSE"), mode: 0o644},
		{name: "README.md", path: filepath.Join(o.src, "README.md"), mode: 0o644},
	}
	for i, f := range files {
		var err error
		if files[i].content, err = os.ReadFile(f.path); err != nil {
			return "", nil, err
		}
	}
	archive := fmt.Sprintf("kubecraft_%s_%s_%s", o.version, system, arch)
	var content bytes.Buffer
	var err error
	if system == "windows" {
		archive += ".zip"
		err = o.zip(&content, files)
	} else {
		archive += ".tar.gz"
		err = o.tar(&content, files)
	}
	return archive, content.Bytes(), err
}

// file is what lies in an archive.
type file struct {
	name, path string
	mode       fs.FileMode
	content    []byte
}

func (o options) tar(to io.Writer, files []file) error {
	compressed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(compressed)
	for _, f := range files {
		head := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: o.made, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write(f.content); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), compressed.Close())
}

func (o options) zip(to io.Writer, files []file) error {
	w := zip.NewWriter(to)
	for _, f := range files {
		head := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: o.made}
		head.SetMode(f.mode)
		part, err := w.CreateHeader(head)
		if err != nil {
			return err
		}
		if _, err := part.Write(f.content); err != nil {
			return err
		}
	}
	return w.Close()
}

// output returns what a command prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
