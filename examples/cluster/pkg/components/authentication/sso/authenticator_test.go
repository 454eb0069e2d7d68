package sso

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	client "k8s.io/client-go/kubernetes/typed/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/testenv"

	"example.com/demo/pkg/apiserver"
)

// issuer signs ID tokens, and serves the key that they are verified with.
type issuer struct {
	*httptest.Server
	t   *testing.T
	key *ecdsa.PrivateKey
}

func startIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	point := public.Bytes() // 4, X, Y
	i := &issuer{t: t, key: key}
	mux := http.NewServeMux()
	answer := func(path string, content func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(content())
		})
	}
	answer("/.well-known/openid-configuration", func() any {
		return map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"ES256"}, "response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		}
	})
	answer("/keys", func() any {
		return map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "first", "alg": "ES256", "use": "sig", "x": encode(point[1:33]), "y": encode(point[33:]),
		}}}
	})
	i.Server = httptest.NewUnstartedServer(mux)
	i.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.StartTLS()
	t.Cleanup(i.Close)
	return i
}

// token returns one with claims beside those of every token.
func (i *issuer) token(claims map[string]any) string {
	i.t.Helper()
	all := map[string]any{
		"iss": i.URL, "aud": "sso", "sub": "alice", "groups": []string{"developers"},
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range claims {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	payload, err := json.Marshal(all)
	if err != nil {
		i.t.Fatal(err)
	}
	text := encode([]byte(`{"alg":"ES256","kid":"first"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, i.key, sum[:])
	if err != nil {
		i.t.Fatal(err)
	}
	return text + "." + encode(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// config is the authenticator's, for this issuer.
func (i *issuer) config() []byte {
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate().Raw}))
	indented := strings.ReplaceAll(strings.TrimSpace(authority), "\n", "\n      ")
	mine := strings.ReplaceAll(string(config), "https://issuer.example.com", i.URL)
	return []byte(strings.ReplaceAll(mine, "# certificateAuthority: |", "certificateAuthority: |\n      "+indented))
}

func TestAuthenticator(t *testing.T) {
	issuer, stranger := startIssuer(t), startIssuer(t)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, issuer.config(), 0o600); err != nil {
		t.Fatal(err)
	}
	env := testenv.Start(t, apiserver.Groups(), extension.TokenAuthenticator(extension.Options{Name: Name, File: file}, newAuthenticator))
	who := func(token string) (authenticationv1.UserInfo, error) {
		config := rest.AnonymousClientConfig(env.Config())
		config.BearerToken = token
		review, err := client.NewForConfigOrDie(config).SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		if err != nil {
			return authenticationv1.UserInfo{}, err
		}
		return review.Status.UserInfo, nil
	}
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) { // its keys are asked for beside the start
		user, err := who(issuer.token(nil))
		if err == nil && user.Username == "sso:alice" && slices.Equal(user.Groups, []string{"sso:developers", "system:authenticated"}) {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("alice is %+v, %v", user, err)
		}
	}
	past := time.Now().Add(-time.Hour).Unix()
	for what, token := range map[string]string{
		"expired":                      issuer.token(map[string]any{"exp": past}),
		"for somebody else":            issuer.token(map[string]any{"aud": "another"}),
		"of another issuer":            stranger.token(nil),
		"that another issuer has made": stranger.token(map[string]any{"iss": issuer.URL}),
		"of nobody":                    issuer.token(map[string]any{"sub": nil}),
		"cut off":                      issuer.token(nil)[:100],
	} {
		if user, err := who(token); !apierrors.IsUnauthorized(err) {
			t.Errorf("one %s is %+v, %v", what, user, err)
		}
	}
}

func TestWhatIsWrongInTheFileIsSaid(t *testing.T) {
	for content, want := range map[string]string{
		string(bytes.Replace(config, []byte("audiences:"), []byte("audience:"), 1)):         `config.yaml: strict decoding error: unknown field "jwt[0].issuer.audience"`,
		string(bytes.Replace(config, []byte("https://issuer"), []byte("http://issuer"), 1)): "config.yaml: jwt[0]: ",
		"apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n":        "config.yaml: is of kind AuthorizationConfiguration, not an AuthenticationConfiguration",
	} {
		if _, err := newAuthenticator(t.Context(), extension.File{Name: "config.yaml", Content: []byte(content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}
