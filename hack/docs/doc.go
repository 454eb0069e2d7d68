// Package docs keeps the documentation honest: it reads the ```console blocks of README.md, its translation and docs/,
// and its test runs every command in them and compares what is printed with what is shown.
package docs
