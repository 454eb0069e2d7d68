package pki

import (
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func ensure(t *testing.T, dir string, now time.Time, hosts ...string) *Bundle {
	t.Helper()
	b, err := Ensure(dir, Options{Hosts: hosts, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, text []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// verify checks that both certificates are good at a time.
func verify(t *testing.T, b *Bundle, now time.Time) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CA)
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := parse(t, b.ServingCert).Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now}); err != nil {
			t.Errorf("serving %s: %v", host, err)
		}
	}
	admin := parse(t, b.AdminCert)
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if _, err := admin.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: usage}); err != nil {
		t.Errorf("admin: %v", err)
	}
	if len(admin.Subject.Organization) != 1 || admin.Subject.Organization[0] != "system:masters" {
		t.Errorf("admin is of %v", admin.Subject.Organization)
	}
}

func TestCertificatesAreMadeOnceAndRenewed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	first := ensure(t, dir, start)
	verify(t, first, start)

	again := ensure(t, dir, start.Add(200*24*time.Hour))
	if string(again.ServingCert) != string(first.ServingCert) || string(again.AdminCert) != string(first.AdminCert) {
		t.Error("certificates with months left were replaced")
	}

	for name, later := range map[string]time.Duration{
		"a week before they expire":  358 * 24 * time.Hour,
		"long after they expired":    3 * 365 * 24 * time.Hour,
		"after the authority's life": 11 * 365 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			own := filepath.Join(t.TempDir(), "pki")
			old := ensure(t, own, start)
			now := start.Add(later)
			renewed := ensure(t, own, now)
			verify(t, renewed, now)
			if string(renewed.ServingCert) == string(old.ServingCert) {
				t.Error("the serving certificate was kept")
			}
			if authority := later > authorityLifetime; (string(renewed.CA) != string(old.CA)) != authority {
				t.Errorf("authority replaced: %v", !authority)
			}
			if twice := ensure(t, own, now); string(twice.AdminCert) != string(renewed.AdminCert) {
				t.Error("renewed again at once")
			}
		})
	}
}

func TestAnotherHostMakesAnotherServingCertificate(t *testing.T) {
	dir := t.TempDir()
	first := ensure(t, dir, start)
	second := ensure(t, dir, start, "192.0.2.7", "box.example.com", "127.0.0.1")
	for _, host := range []string{"192.0.2.7", "box.example.com", "localhost"} {
		if err := parse(t, second.ServingCert).VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if string(first.AdminCert) != string(second.AdminCert) || string(first.CA) != string(second.CA) {
		t.Error("more than the serving certificate was replaced")
	}
}

func TestOnlyTheOwnerReadsKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	ensure(t, dir, start)
	if runtime.GOOS != "windows" {
		if err := os.Chmod(filepath.Join(dir, "admin.key"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := ensure(t, dir, start)
	if err := WriteKubeconfig(filepath.Join(dir, "kubeconfig"), "demo", "https://127.0.0.1:1", b); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ca.key", "apiserver.key", "admin.key", "kubeconfig", "."} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if others := info.Mode().Perm() & 0o077; others != 0 && runtime.GOOS != "windows" {
			t.Errorf("%s: mode %v", name, info.Mode())
		}
	}
}

func TestUnusableFilesAreNamed(t *testing.T) {
	write := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		want   string
	}{
		"no certificate":    {remove("ca.crt"), "ca.crt is missing"},
		"no key":            {remove("ca.key"), "ca.key is missing"},
		"empty certificate": {write("ca.crt", ""), "ca.crt"},
		"text for a key":    {write("ca.key", "hello"), "ca.key"},
		"mismatch":          {func(t *testing.T, dir string) { copyFile(t, dir, "admin.key", "ca.key") }, "does not match public key"},
		"another authority": {remove("ca.crt", "ca.key"), "was not signed by"},
		"a leaf as authority": {func(t *testing.T, dir string) {
			copyFile(t, dir, "admin.key", "ca.key")
			copyFile(t, dir, "admin.crt", "ca.crt")
		}, "not a certificate authority"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pki")
			ensure(t, dir, start)
			c.damage(t, dir)
			if name == "another authority" {
				// As new as the leaves, so that it cannot be taken for a renewed one.
				made, err := sign(authorityTemplate(), nil, start, authorityLifetime)
				if err != nil {
					t.Fatal(err)
				}
				if err := made.write(dir, "ca"); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Ensure(dir, Options{Now: func() time.Time { return start }})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "delete ") || !strings.Contains(err.Error(), dir) {
				t.Fatalf("got %v, want %q and what to do", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
		})
	}
}

func TestADamagedLeafIsMadeAnew(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, dir string) error{
		"no key":         func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "apiserver.key")) },
		"no certificate": func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "admin.crt")) },
		"text for a key": func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "admin.key"), []byte("hello"), 0o600)
		},
		"empty certificate": func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "apiserver.crt"), nil, 0o600)
		},
		"mismatch": func(t *testing.T, dir string) error { copyFile(t, dir, "admin.key", "apiserver.key"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pki")
			old := ensure(t, dir, start)
			if err := damage(t, dir); err != nil {
				t.Fatal(err)
			}
			mended := ensure(t, dir, start)
			verify(t, mended, start)
			if string(mended.CA) != string(old.CA) {
				t.Error("the authority was replaced")
			}
			if again := ensure(t, dir, start); string(again.ServingCert) != string(mended.ServingCert) || string(again.AdminCert) != string(mended.AdminCert) {
				t.Error("it is not kept")
			}
		})
	}
}

// unwritable plays a folder that takes no files.
func unwritable(t *testing.T, dir string, now time.Time, hosts ...string) (*Bundle, error) {
	t.Helper()
	return Ensure(dir, Options{Hosts: hosts, Now: func() time.Time { return now }, write: func(_ *pair, dir, name string) error {
		return cannotWrite(filepath.Join(dir, name+".key"), &fs.PathError{Op: "open", Path: "." + name + "-123", Err: fs.ErrPermission})
	}})
}

func TestARenewalThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	old := ensure(t, dir, start)
	week := start.Add(358 * 24 * time.Hour)
	kept, err := unwritable(t, dir, week)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, kept, week)
	if string(kept.ServingCert) != string(old.ServingCert) || string(kept.AdminCert) != string(old.AdminCert) {
		t.Error("certificates that are not on disk are used")
	}
	_, err = unwritable(t, dir, start.Add(366*24*time.Hour))
	want := "cannot write " + filepath.Join(dir, "apiserver.key") + ": permission denied; make room there, or make its folder writable"
	if err == nil || err.Error() != want && err.Error() != strings.Replace(want, "permission denied", fs.ErrPermission.Error(), 1) {
		t.Errorf("after they expired: %v", err)
	}
	if _, err := unwritable(t, dir, start, "box.example.com"); err == nil {
		t.Error("a server without its host's certificate")
	}
}

func TestAPairIsReplacedWholeOrNotAtAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	ensure(t, dir, start)
	key, cert := filepath.Join(dir, "admin.key"), filepath.Join(dir, "admin.crt")
	before, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	// A certificate where not even root can put a file.
	const nowhere = "/proc/self/status"
	if _, err := os.Stat(nowhere); err != nil {
		t.Skip("there is no such place on this system")
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(nowhere, cert); err != nil {
		t.Fatal(err)
	}
	if _, err = Ensure(dir, Options{Now: func() time.Time { return start }}); err == nil {
		t.Fatal("written")
	}
	if after, err := os.ReadFile(key); err != nil || string(after) != string(before) {
		t.Errorf("the key was replaced without its certificate: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func copyFile(t *testing.T, dir, from, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, from))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, to), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

const others = `apiVersion: v1
kind: Config
clusters: [{name: work, cluster: {server: "https://work.example.com"}}]
users: [{name: me, user: {token: secret}}]
contexts: [{name: work, context: {cluster: work, user: me, namespace: mine}}]
current-context: work
`

func TestKubeconfigKeepsWhatIsOthers(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file, link := filepath.Join(dir, "real"), filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(others), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"1", "2"} {
		if err := WriteKubeconfig(link, "demo", "https://127.0.0.1:"+port, b); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	config, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if config.Contexts["work"].Namespace != "mine" || config.AuthInfos["me"].Token != "secret" || config.Clusters["work"].Server != "https://work.example.com" {
		t.Errorf("others' entries changed: %+v", config)
	}
	if config.CurrentContext != "demo" || config.Clusters["demo"].Server != "https://127.0.0.1:2" || len(config.Clusters) != 2 {
		t.Errorf("ours is wrong: %+v", config)
	}
	if string(config.AuthInfos["demo"].ClientKeyData) != string(b.AdminKey) || string(config.Clusters["demo"].CertificateAuthorityData) != string(b.CA) {
		t.Error("certificates are not embedded")
	}
}

func TestKubeconfigOfAnotherServerStays(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(others), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"work", "me"} { // a cluster of others', a user of others'
		err := WriteKubeconfig(file, name, "https://127.0.0.1:1", b)
		if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), strconv.Quote(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != others {
		t.Errorf("the file has changed: %v\n%s", err, text)
	}
}

func TestKubeconfigEntriesThatLeadElsewhereStay(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file := filepath.Join(dir, "config")
	for name, change := range map[string]func(*clientcmdapi.Config){
		"context of another cluster": func(c *clientcmdapi.Config) { c.Contexts["demo"].Cluster = "work" },
		"context of another user":    func(c *clientcmdapi.Config) { c.Contexts["demo"].AuthInfo = "me" },
		"user with a token":          func(c *clientcmdapi.Config) { c.AuthInfos["demo"] = &clientcmdapi.AuthInfo{Token: "secret"} },
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(others), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := WriteKubeconfig(file, "demo", "https://127.0.0.1:1", b); err != nil {
				t.Fatal(err)
			}
			config, err := clientcmd.LoadFromFile(file)
			if err != nil {
				t.Fatal(err)
			}
			change(config)
			if err := clientcmd.WriteToFile(*config, file); err != nil {
				t.Fatal(err)
			}
			for _, write := range []func(string, string, string, *Bundle) error{WriteKubeconfig, RenewKubeconfig} {
				if err := write(file, "demo", "https://127.0.0.1:1", b); err == nil || !strings.Contains(err.Error(), "of another server") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestRenewingAKubeconfigKeepsTheCurrentContext(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(others), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := RenewKubeconfig(file, "demo", "https://127.0.0.1:1", b); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if config.CurrentContext != "work" || string(config.AuthInfos["demo"].ClientKeyData) != string(b.AdminKey) {
		t.Errorf("got %+v", config)
	}
}

func TestWhatChangesBetweenPlanningAndWritingStays(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file := filepath.Join(dir, "config")
	k, err := PlanKubeconfig(file, "demo", "https://127.0.0.1:1", b)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(others), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.Write(); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if config.Contexts["work"] == nil || config.CurrentContext != "demo" {
		t.Errorf("got %+v", config)
	}
}

func TestWhatIsNoKubeconfigStays(t *testing.T) {
	dir := t.TempDir()
	b := ensure(t, dir, start)
	file := filepath.Join(dir, "diary")
	if err := os.WriteFile(file, []byte("- dear\n- diary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := WriteKubeconfig(file, "demo", "https://127.0.0.1:1", b)
	if err == nil || !strings.Contains(err.Error(), file+": not a kubeconfig") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "- dear\n- diary\n" {
		t.Errorf("the file now has %q", text)
	}
}
