package controlplane

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
)

// UsageError is a wrong use of flags: Main returns 2 for it.
type UsageError struct{ Message string }

// Error implements error.
func (e *UsageError) Error() string { return e.Message }

// oneLine is an error as users read it; errors that were joined are lines.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; ")
}

// cause is what the system says, without the names that the message around it has.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var network *net.OpError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &network):
		return network.Err
	}
	return err
}
