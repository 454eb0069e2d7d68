// Command release builds what a release ships, reproducibly: for each platform an archive with kubecraft, the control plane and
// kubectl compiled in, and a file of their sums. The tree must be as it is committed; the time in the archives is the commit's.
//
//	go run ./hack/release                            # all platforms into dist; an hour on two cores
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
		return fmt.Errorf("the tree is not as it is committed, so nobody could build the same again:\n%s", changed)
	}
	if o.version == "" {
		if o.version, err = output(ctx, "git", "describe", "--tags", "--always"); err != nil {
			return err
		}
	}
	seconds, err := output(ctx, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	o.made = time.Unix(at, 0).UTC()
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var sums strings.Builder
	for _, platform := range o.platforms {
		archive, err := o.build(ctx, platform)
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		text, err := os.ReadFile(filepath.Join(o.out, archive))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), archive)
		fmt.Printf("%s  %.1f MB\n", archive, float64(len(text))/1e6)
	}
	return os.WriteFile(filepath.Join(o.out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// build returns the name of a platform's archive.
func (o options) build(ctx context.Context, platform string) (string, error) {
	system, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return "", errors.New("not GOOS/GOARCH")
	}
	name := "kubecraft"
	if system == "windows" {
		name += ".exe"
	}
	dir, err := os.MkdirTemp("", "release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, name)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", o.tags, "-ldflags=-s -w", "-o", binary, "./cmd/kubecraft")
	// What the user's environment may say otherwise, and what would end up in the binary.
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("go build: %w", err)
	}
	var files []file
	for _, f := range []file{{name: name, path: binary, mode: 0o755}, {name: "LICENSE", path: "LICENSE", mode: 0o644}, {name: "README.md", path: "README.md", mode: 0o644}} {
		switch f.content, err = os.ReadFile(f.path); {
		case err == nil:
			files = append(files, f)
		case f.path == binary || !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	archive := fmt.Sprintf("kubecraft_%s_%s_%s", o.version, system, arch)
	var content bytes.Buffer
	if system == "windows" {
		archive += ".zip"
		err = o.zip(&content, files)
	} else {
		archive += ".tar.gz"
		err = o.tar(&content, files)
	}
	if err != nil {
		return "", err
	}
	return archive, os.WriteFile(filepath.Join(o.out, archive), content.Bytes(), 0o644)
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
