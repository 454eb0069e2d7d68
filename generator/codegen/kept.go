package codegen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// keptFor is how long what was generated stays on the disk after its last use.
const keptFor = 30 * 24 * time.Hour

// kept is what a slow generator has made, in a cache folder, by all that it was made from. Without a folder, or with one
// that cannot be written to, nothing is kept and everything is made.
type kept struct {
	dir string
	key hash.Hash
}

func newKept(cache, generator string) *kept {
	k := &kept{key: sha256.New()}
	if cache != "" {
		k.dir = filepath.Join(cache, generator)
	}
	return k
}

// depend adds something that the files are made from.
func (k *kept) depend(name string, content []byte) {
	fmt.Fprintf(k.key, "%q %d\n", name, len(content))
	k.key.Write(content)
}

func (k *kept) dependOnFiles(files map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		k.depend(name, files[name])
	}
}

func (k *kept) file() string {
	return filepath.Join(k.dir, hex.EncodeToString(k.key.Sum(nil))+".json")
}

// load returns the files if they are there, and nil if not.
func (k *kept) load() map[string][]byte {
	if k.dir == "" {
		return nil
	}
	text, err := os.ReadFile(k.file())
	if err != nil {
		return nil
	}
	var files map[string][]byte
	if json.Unmarshal(text, &files) != nil {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(k.file(), now, now)
	return files
}

// save keeps the files, whole or not at all, and drops what has not been used for long.
func (k *kept) save(files map[string][]byte) {
	if k.dir == "" || os.MkdirAll(k.dir, 0o700) != nil {
		return
	}
	text, err := json.Marshal(files)
	if err != nil {
		return
	}
	temp, err := os.CreateTemp(k.dir, "new-")
	if err != nil {
		return
	}
	_, err = temp.Write(text)
	if closed := temp.Close(); err != nil || closed != nil || os.Rename(temp.Name(), k.file()) != nil {
		_ = os.Remove(temp.Name())
	}
	entries, _ := os.ReadDir(k.dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > keptFor {
			_ = os.Remove(filepath.Join(k.dir, e.Name()))
		}
	}
}
