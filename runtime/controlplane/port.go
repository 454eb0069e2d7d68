package controlplane

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func (o Options) portFile() string { return filepath.Join(o.Data, "port") }

// isNew says that no control plane has served from the data folder yet.
func (o Options) isNew() bool {
	_, err := os.Stat(o.portFile())
	return errors.Is(err, fs.ErrNotExist)
}

// listen opens the port: the one asked for, else the one kept in the data folder, else a free one. The first is kept.
func (o Options) listen() (net.Listener, error) {
	kept := 0
	if o.Data != "" {
		var err error
		// A port that is asked for does not need the file, whatever is in it.
		if kept, err = readPort(o.portFile()); err != nil && o.Port == 0 {
			return nil, err
		}
	}
	port := o.Port
	if port == 0 {
		port = kept
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(o.Address, strconv.Itoa(port)))
	if err != nil {
		where := "asked for with --port; name another"
		if o.Port == 0 {
			where = "kept in " + o.portFile() + "; stop what uses it, or name another with --port"
		}
		if port != 0 && isInUse(err) {
			return nil, fmt.Errorf("port %d of %s is in use by another process (%s)", port, o.Address, where)
		}
		return nil, fmt.Errorf("cannot listen on %s: %w; name another with --address or --port", net.JoinHostPort(o.Address, strconv.Itoa(port)), cause(err))
	}
	if o.Data != "" && kept == 0 {
		if err := writePort(o.portFile(), listener.Addr().(*net.TCPAddr).Port); err != nil {
			listener.Close()
			return nil, err
		}
	}
	return listener, nil
}

// readPort returns 0 if no port is kept.
func readPort(file string) (int, error) {
	content, err := os.ReadFile(file)
	text := strings.TrimSpace(string(content))
	// The system went down, or the disk was full, when it was written.
	torn := err == nil && strings.Trim(text, "\x00") == ""
	if errors.Is(err, fs.ErrNotExist) || torn {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read the port from %s: %w; make the file readable, or delete it to have a port chosen", file, cause(err))
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%s: %q is not a port; delete the file to have one chosen", file, text)
	}
	return port, nil
}

// writePort replaces the file whole. One name for what is to replace it will do: the store has locked the folder.
func writePort(file string, port int) error {
	next := file + ".new"
	err := os.WriteFile(next, []byte(strconv.Itoa(port)+"\n"), 0o600)
	if err == nil {
		err = os.Rename(next, file)
	}
	if err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("cannot keep the port in %s: %w; make room there, or make the folder writable", file, cause(err))
	}
	return nil
}

func isInUse(err error) bool {
	// The error's number differs by system, its text hardly.
	text := err.Error()
	return strings.Contains(text, "address already in use") || strings.Contains(text, "Only one usage of each socket address")
}
