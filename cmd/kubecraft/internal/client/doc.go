// Package client talks to a project's server over HTTPS as kubectl does, for the little that the demonstration needs:
// the command links neither kubectl nor client-go.
package client
