// Package loopback carries the requests that a server makes of itself to its handler, with no connection between.
package loopback
