package authentication

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/klog/v2"
)

func quiet(t *testing.T) {
	t.Helper()
	klog.SetLogger(logr.Discard())
	t.Cleanup(klog.ClearLogger)
}

func withToken(token string) *http.Request {
	r, _ := http.NewRequest(http.MethodPost, "/", strings.NewReader("body"))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// tokens knows alice by hers, and does worse by others.
func tokens(release <-chan struct{}) authenticator.Token {
	return authenticator.TokenFunc(func(_ context.Context, token string) (*authenticator.Response, bool, error) {
		alice := &authenticator.Response{User: &user.DefaultInfo{Name: "alice"}}
		switch token {
		case "good":
			return alice, true, nil
		case "err":
			return alice, true, errors.New("the directory is down")
		case "panic":
			panic("no such user")
		case "exit":
			runtime.Goexit()
		case "hang":
			<-release
			return alice, true, nil
		case "nil":
			return nil, true, nil
		case "nobody":
			return &authenticator.Response{}, true, nil
		case "typed-nil":
			return &authenticator.Response{User: (*user.DefaultInfo)(nil)}, true, nil
		case "nameless":
			return &authenticator.Response{User: &user.DefaultInfo{Groups: []string{"system:masters"}}}, true, nil
		}
		return nil, false, nil
	})
}

func TestGuardedAuthenticatorsLetNobodyInByMistake(t *testing.T) {
	quiet(t)
	release := make(chan struct{})
	defer close(release)
	known := tokens(release)
	asRequest := Guard("tokens", 50*time.Millisecond, bearertoken.New(known))
	asToken := bearertoken.New(GuardToken("tokens", 50*time.Millisecond, known))
	for token, want := range map[string]string{
		"err": "the directory is down", "panic": "authenticator tokens panicked: no such user", "exit": "authenticator tokens panicked",
		"hang": "authenticator tokens did not answer within 50ms", "nil": "names no user", "nobody": "names no user",
		"typed-nil": "names no user", "nameless": "names no user", "unknown": "invalid bearer token",
	} {
		for _, a := range []authenticator.Request{asRequest, asToken} {
			response, ok, err := a.AuthenticateRequest(withToken(token))
			if response != nil || ok || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v, %v", token, response, ok, err)
			}
			if response, ok, err := a.AuthenticateRequest(withToken("")); response != nil || ok || err != nil {
				t.Errorf("nothing shown: %v, %v, %v", response, ok, err)
			}
		}
	}
}

// What is authenticated with goes no further, and the body does.
func TestGuardedAuthenticatorsTakeTheTokenOut(t *testing.T) {
	for _, a := range []authenticator.Request{Guard("tokens", 0, bearertoken.New(tokens(nil))), bearertoken.New(GuardToken("tokens", 0, tokens(nil)))} {
		r := withToken("good")
		response, ok, err := a.AuthenticateRequest(r)
		if err != nil || !ok || response.User.GetName() != "alice" || r.Header.Get("Authorization") != "" {
			t.Errorf("%v, %v, %v, %v", response, ok, err, r.Header)
		}
		if body, err := io.ReadAll(r.Body); string(body) != "body" || err != nil {
			t.Errorf("the body: %q, %v", body, err)
		}
	}
}

// One that was given up goes on with a request of its own: with -race this fails otherwise.
func TestAHangingAuthenticatorHasItsOwnRequest(t *testing.T) {
	quiet(t)
	release, ended := make(chan struct{}), make(chan struct{})
	a := Guard("late", 10*time.Millisecond, authenticator.RequestFunc(func(req *http.Request) (*authenticator.Response, bool, error) {
		defer close(ended)
		<-release
		req.Header.Del("Authorization")
		return nil, false, nil
	}))
	r := withToken("good")
	if _, ok, err := a.AuthenticateRequest(r); ok || err == nil {
		t.Fatalf("%v, %v", ok, err)
	}
	close(release)
	r.Header.Set("Authorization", "Bearer other")
	<-ended
	if got := r.Header.Get("Authorization"); got != "Bearer other" {
		t.Errorf("the header is %q", got)
	}
}
