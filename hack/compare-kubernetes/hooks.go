package main

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
)

// hooks are the webhooks of the corpus, of admission and of conversion: each path is one that goes wrong in its own way.
type hooks struct{ server *httptest.Server }

func newHooks() *hooks {
	mux := http.NewServeMux()
	review := func(response string) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			var asked struct {
				Request struct {
					UID string `json:"uid"`
				} `json:"request"`
			}
			body, err := io.ReadAll(req.Body)
			if err == nil {
				err = json.Unmarshal(body, &asked)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":%q,%s}}`, asked.Request.UID, response)
		}
	}
	mux.HandleFunc("/deny", review(`"allowed":false,"warnings":["think again"],"status":{"message":"the webhook says no","reason":"Teapot","code":418}`))
	mux.HandleFunc("/deny-plainly", review(`"allowed":false`))
	mux.HandleFunc("/warn", review(`"allowed":true,"warnings":["the webhook warns"]`))
	mux.HandleFunc("/bad-patch", review(`"allowed":true,"patchType":"JSONPatch","patch":"`+base64.StdEncoding.EncodeToString([]byte(`[{"op":"remove","path":"/none"}]`))+`"`))
	mux.HandleFunc("/no-patch-type", review(`"allowed":true,"patch":"W10="`))
	mux.HandleFunc("/fail", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	mux.HandleFunc("/garbage", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "no JSON") })
	mux.HandleFunc("/other", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"of-another","allowed":true}}`)
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body) // only then does the server see that the client goes
		<-req.Context().Done()
	})
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return &hooks{server}
}

func (h *hooks) url() string { return h.server.URL }

// ca is the authority's certificate, as caBundle has it.
func (h *hooks) ca() string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.server.Certificate().Raw}))
}

func (h *hooks) close() { h.server.Close() }
