package tokens

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	client "k8s.io/client-go/kubernetes/typed/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/testenv"

	"example.com/demo/pkg/apiserver"
)

// line is a user's, with a hash that is quick to compare.
func line(t *testing.T, name, secret, groups string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s:%s:%s\n", name, hash, groups)
}

// The server knows users by their tokens, and goes by the file as it is now.
func TestAuthenticator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	write := func(lines ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# users\n\n", line(t, "alice", "a:1", "developers, ops"))
	env := testenv.Start(t, apiserver.Groups(), extension.TokenAuthenticator(extension.Options{Name: Name, File: file, Secret: true, Remember: remembered}, newAuthenticator))
	who := func(token string) (authenticationv1.UserInfo, error) {
		config := rest.AnonymousClientConfig(env.Config())
		config.BearerToken = token
		review, err := client.NewForConfigOrDie(config).SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		if err != nil {
			return authenticationv1.UserInfo{}, err
		}
		return review.Status.UserInfo, nil
	}
	for range 2 { // the second time it is remembered
		user, err := who("alice:a:1")
		if err != nil || user.Username != "alice" || !slices.Equal(user.Groups, []string{"developers", "ops", "system:authenticated"}) {
			t.Fatalf("alice is %+v, %v", user, err)
		}
	}
	for _, token := range []string{"", "alice", "alice:", "alice:a:2", "bob:a:1", ":a:1", "alice:" + strings.Repeat("a", 100)} {
		if user, err := who(token); !apierrors.IsUnauthorized(err) {
			t.Errorf("%q is %+v, %v", token, user, err)
		}
	}

	write(line(t, "bob", "b", ""))
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if user, err := who("bob:b"); err == nil && user.Username == "bob" {
			break
		} else if time.Since(begin) > time.Minute {
			t.Fatalf("bob, who is in the file now, is %+v, %v", user, err)
		}
	}
	if user, err := who("alice:a:1"); !apierrors.IsUnauthorized(err) {
		t.Errorf("alice, who has gone, is %+v, %v", user, err)
	}
}

// No more tokens are compared at a time than there is room for, and one that waits gives up with its request.
func TestComparisonsAreBounded(t *testing.T) {
	u, err := parse(extension.File{Name: "users", Content: []byte(line(t, "alice", "a", ""))})
	if err != nil {
		t.Fatal(err)
	}
	for range cap(u.comparing) {
		u.comparing <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, err := u.AuthenticateToken(ctx, "alice:a"); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("with no room: %v, %v", ok, err)
	}
	<-u.comparing
	for range 2 {
		if _, ok, err := u.AuthenticateToken(t.Context(), "alice:a"); !ok || err != nil {
			t.Errorf("with room: %v, %v", ok, err)
		}
	}
}

func TestWhatIsWrongInTheFileIsSaid(t *testing.T) {
	good := line(t, "alice", "a", "")
	for content, want := range map[string]string{
		"alice":                 "users:1: is not NAME:HASH",
		"\n:" + good:            "users:2: is not NAME:HASH",
		"alice:secret":          "users:1: what alice has is not a bcrypt hash",
		good + "# two\n" + good: "users:3: alice is in line 1 too",
	} {
		if _, err := parse(extension.File{Name: "users", Content: []byte(content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
