//go:build ignore

// Newtoken gives a user a token, in place of the one that he may have, and prints it: only its hash is kept. In the project's folder:
//
//	go run ./pkg/components/authentication/tokens/newtoken.go NAME [GROUP,GROUP]
package main

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/bcrypt"
)

func main() {
	file := flag.String("file", "pki/tokens", "the file of the authenticator")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: newtoken [-file FILE] NAME [GROUP,GROUP]")
		flag.PrintDefaults()
	}
	flag.Parse()
	name := flag.Arg(0)
	if name == "" || flag.NArg() > 2 || bytes.ContainsAny([]byte(name+flag.Arg(1)), ":\r\n") {
		flag.Usage()
		os.Exit(2)
	}
	token, err := newToken(*file, name, flag.Arg(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, "newtoken:", err)
		os.Exit(1)
	}
	fmt.Println(token)
}

func newToken(file, name, groups string) (string, error) {
	secret := rand.Text()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.DefaultCost)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	var lines bytes.Buffer
	for line := range bytes.Lines(content) {
		if !bytes.HasPrefix(line, []byte(name+":")) {
			lines.Write(append(bytes.TrimRight(line, "\r\n"), '\n'))
		}
	}
	fmt.Fprintf(&lines, "%s:%s:%s\n", name, hash, groups)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	next := file + ".new"
	if err := os.WriteFile(next, lines.Bytes(), 0o600); err != nil {
		return "", err
	}
	return name + ":" + secret, os.Rename(next, file)
}
