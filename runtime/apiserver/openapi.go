package apiserver

import (
	"fmt"
	"maps"
	"net/http"
	"sync"

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
)

// setOpenAPI describes the types to server-side apply, which needs that from the start, and to the documents.
func setOpenAPI(generic *genericapiserver.Config, title string, scheme *runtime.Scheme, project openapicommon.GetOpenAPIDefinitions) {
	definitions := func(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
		all := ownDefinitions(ref)
		if project != nil {
			maps.Copy(all, project(ref))
		}
		return all
	}
	namer := openapi.NewDefinitionNamer(scheme)
	generic.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	generic.OpenAPIConfig.Info.Title = title
	generic.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	generic.OpenAPIV3Config.Info.Title = title
	// Upstream builds both documents, with every route in them, before it serves: for kubectl explain, which comes
	// seconds later if ever. See installOpenAPI.
	generic.SkipOpenAPIInstallation = true
}

// installOpenAPI serves /openapi/v2 and /openapi/v3. Each document is built when it is first asked for.
func installOpenAPI(s *genericapiserver.GenericAPIServer, c *genericapiserver.Config) {
	v2 := &lazyHandler{build: func(to *mux.PathRecorderMux) error {
		spec, err := builder.BuildOpenAPISpecFromRoutes(restfuladapter.AdaptWebServices(s.Handler.GoRestfulContainer.RegisteredWebServices()), c.OpenAPIConfig)
		if err != nil {
			return err
		}
		spec.Definitions = handler.PruneDefaults(spec.Definitions)
		handler.NewOpenAPIService(spec).RegisterOpenAPIVersionedService("/openapi/v2", to)
		return nil
	}}
	v3 := &lazyHandler{build: func(to *mux.PathRecorderMux) error {
		routes.OpenAPI{V3Config: c.OpenAPIV3Config}.InstallV3(s.Handler.GoRestfulContainer, to)
		return nil
	}}
	s.Handler.NonGoRestfulMux.Handle("/openapi/v2", v2)
	s.Handler.NonGoRestfulMux.Handle("/openapi/v3", v3)
	s.Handler.NonGoRestfulMux.HandlePrefix("/openapi/v3/", v3)
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
