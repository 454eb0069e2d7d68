// Package controllers runs upstream's controllers against an API server in the same process.
package controllers
