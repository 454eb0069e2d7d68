package apiserver

import (
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	genericapiserver "k8s.io/apiserver/pkg/server"
)

// protobufOnlyIfSpoken has a group offer protobuf only if its types have that encoding, which those that no generator has
// given it do not: clients that would rather have it, such as the namespace controller's, would be told of an error in
// the server. They take JSON then.
func protobufOnlyIfSpoken(info *genericapiserver.APIGroupInfo) {
	for _, version := range info.PrioritizedVersions {
		if len(info.VersionedResourcesStorageMap[version.Version]) == 0 {
			continue
		}
		for _, of := range info.Scheme.KnownTypes(version) {
			if _, ok := reflect.New(of).Interface().(interface{ Marshal() ([]byte, error) }); !ok {
				info.NegotiatedSerializer = withoutProtobuf{info.NegotiatedSerializer, otherTypes(info.NegotiatedSerializer)}
				return
			}
		}
	}
}

// withoutProtobuf offers what another serializer does, but for protobuf.
type withoutProtobuf struct {
	runtime.NegotiatedSerializer
	types []runtime.SerializerInfo
}

// SupportedMediaTypes implements runtime.NegotiatedSerializer.
func (w withoutProtobuf) SupportedMediaTypes() []runtime.SerializerInfo { return w.types }

func otherTypes(of runtime.NegotiatedSerializer) []runtime.SerializerInfo {
	return slices.DeleteFunc(slices.Clone(of.SupportedMediaTypes()), func(info runtime.SerializerInfo) bool {
		return info.MediaType == runtime.ContentTypeProtobuf
	})
}
