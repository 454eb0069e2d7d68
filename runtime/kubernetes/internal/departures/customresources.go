package departures

import (
	"mime"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/request"
	genericapiserver "k8s.io/apiserver/pkg/server"
)

// CustomResources is the server of custom resources, without a panic of upstream's. That one takes protobuf, for the options
// of a deletion, but has no strict decoder of it (k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:928),
// which creations and updates use unless told otherwise (k8s.io/apiserver/pkg/endpoints/handlers/create.go:122): they panic,
// and the client's connection is cut off with no status. It saves no time, but an answer.
type CustomResources struct {
	genericapiserver.DelegationTarget
}

// UnprotectedHandler implements genericapiserver.DelegationTarget.
func (c CustomResources) UnprotectedHandler() http.Handler {
	next := c.DelegationTarget.UnprotectedHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if writesProtobuf(req) {
			req = lenient(req)
		}
		next.ServeHTTP(w, req)
	})
}

func writesProtobuf(req *http.Request) bool {
	info, ok := request.RequestInfoFrom(req.Context())
	if !ok || !info.IsResourceRequest || info.Verb != "create" && info.Verb != "update" {
		return false
	}
	kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return err == nil && kind == runtime.ContentTypeProtobuf
}

// lenient asks for the decoder that is not strict. Of protobuf the built-in types have no other
// (k8s.io/apimachinery/pkg/runtime/serializer/codec_factory.go:86).
func lenient(req *http.Request) *http.Request {
	const parameter = "fieldValidation"
	query := req.URL.Query()
	switch query.Get(parameter) {
	case "", metav1.FieldValidationWarn, metav1.FieldValidationStrict:
	default:
		return req // not a directive: upstream says so
	}
	query.Set(parameter, metav1.FieldValidationIgnore)
	changed, url := *req, *req.URL
	url.RawQuery = query.Encode()
	changed.URL = &url
	return &changed
}
