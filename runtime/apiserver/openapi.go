package apiserver

import (
	"bytes"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emicklei/go-restful/v3"
	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	"k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/mux"
	"k8s.io/apiserver/pkg/server/routes"
	"k8s.io/kube-openapi/pkg/builder"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/common/restfuladapter"
	"k8s.io/kube-openapi/pkg/handler"
	"k8s.io/kube-openapi/pkg/handler3"
)

// setOpenAPI describes the types to server-side apply, which needs that from the start, and to the documents.
func setOpenAPI(generic *genericapiserver.Config, o Options, scheme *runtime.Scheme) {
	others, schemes := typesOf(resources(o.Groups)), []*runtime.Scheme{scheme}
	for _, types := range others {
		schemes = append(schemes, types.Scheme)
	}
	definitions := func(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
		all := ownDefinitions(ref)
		for _, types := range others {
			maps.Copy(all, types.OpenAPI(ref))
		}
		if o.OpenAPI != nil {
			maps.Copy(all, o.OpenAPI(ref))
		}
		return all
	}
	namer := openapi.NewDefinitionNamer(schemes...)
	generic.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	generic.OpenAPIConfig.Info.Title = o.Name
	generic.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	generic.OpenAPIV3Config.Info.Title = o.Name
	// Upstream builds both documents, with every route in them, before it serves: for kubectl explain, which comes
	// seconds later if ever. See InstallOpenAPI.
	generic.SkipOpenAPIInstallation = true
}

// InstallOpenAPI serves /openapi/v2 and /openapi/v3 of the routes that a server has by now, which has been told to skip
// its own installation. Each document, and of version 3 each group version's, is built when it is first asked for.
func InstallOpenAPI(s *genericapiserver.GenericAPIServer, v2 *openapicommon.Config, v3 *openapicommon.OpenAPIV3Config) {
	services := s.Handler.GoRestfulContainer.RegisteredWebServices()
	s.Handler.NonGoRestfulMux.Handle("/openapi/v2", &lazyHandler{build: func(to *mux.PathRecorderMux) error {
		spec, err := builder.BuildOpenAPISpecFromRoutes(restfuladapter.AdaptWebServices(services), v2)
		if err != nil {
			return err
		}
		spec.Definitions = handler.PruneDefaults(spec.Definitions)
		handler.NewOpenAPIService(spec).RegisterOpenAPIVersionedService("/openapi/v2", to)
		return nil
	}})
	documents := newDocuments(services, v3)
	s.Handler.NonGoRestfulMux.HandleFunc("/openapi/v3", documents.serveIndex)
	s.Handler.NonGoRestfulMux.HandlePrefix("/openapi/v3/", documents)
}

// documents are those of OpenAPI version 3, by path: one for each web service.
type documents struct {
	byPath map[string]*document
	// unknown is the hash of documents that are not built. It is new with each start, for clients that keep documents by hash.
	unknown string
}

type document struct {
	lazyHandler
	// hash is the document's, empty before it is built.
	hash atomic.Pointer[string]
}

func newDocuments(services []*restful.WebService, config *openapicommon.OpenAPIV3Config) *documents {
	d := &documents{byPath: map[string]*document{}, unknown: uuid.NewString()}
	for _, service := range services {
		d.byPath[strings.TrimPrefix(service.RootPath(), "/")] = &document{lazyHandler: lazyHandler{build: func(to *mux.PathRecorderMux) error {
			alone := restful.NewContainer()
			alone.Add(service)
			routes.OpenAPI{V3Config: config}.InstallV3(alone, to)
			return nil
		}}}
	}
	return d
}

// serveIndex lists the documents with their hashes. Upstream has them all built for that (handler3 of kube-openapi).
// Here one that nobody has asked for has a hash that is not its own: it leads to the right one, as one of yesterday does.
func (d *documents) serveIndex(w http.ResponseWriter, req *http.Request) {
	index := handler3.OpenAPIV3Discovery{Paths: map[string]handler3.OpenAPIV3DiscoveryGroupVersion{}}
	for path, document := range d.byPath {
		hash := d.unknown
		if known := document.hash.Load(); known != nil {
			hash = *known
		}
		at := url.URL{Path: "/openapi/v3/" + path, RawQuery: url.Values{"hash": {hash}}.Encode()}
		index.Paths[path] = handler3.OpenAPIV3DiscoveryGroupVersion{ServerRelativeURL: at.String()}
	}
	content, err := json.Marshal(index)
	if err != nil {
		responsewriters.InternalError(w, req, err)
		return
	}
	sum := sha512.Sum512(content)
	w.Header().Set("Etag", strconv.Quote(fmt.Sprintf("%X", sum)))
	w.Header().Set("Content-Type", "application/json")
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(content))
}

// ServeHTTP serves a document.
func (d *documents) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	document := d.byPath[strings.TrimPrefix(req.URL.Path, "/openapi/v3/")]
	if document == nil {
		http.NotFound(w, req)
		return
	}
	document.ServeHTTP(w, req)
	if tag, err := strconv.Unquote(w.Header().Get("Etag")); err == nil {
		document.hash.Store(&tag)
	}
}

// lazyHandler builds what it serves at the first request. What fails then fails for good.
type lazyHandler struct {
	build func(to *mux.PathRecorderMux) error
	once  sync.Once
	built *mux.PathRecorderMux
	err   error
}

func (h *lazyHandler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h.once.Do(func() {
		// Upstream's builders panic on definitions that they cannot make sense of.
		defer func() {
			if r := recover(); r != nil {
				h.err = fmt.Errorf("building the OpenAPI document: %v", r)
			}
		}()
		h.built = mux.NewPathRecorderMux("openapi")
		h.err = h.build(h.built)
	})
	if h.err != nil {
		responsewriters.InternalError(w, req, h.err)
		return
	}
	h.built.ServeHTTP(w, req)
}
