package registry

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/generic"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
)

// StorageVersion returns getter so that objects are written to the store in version gv, as JSON. Objects that were
// written in another version are read all the same. It follows k8s.io/apiserver/pkg/server/storage, which takes the
// version from a table of the whole server instead.
func StorageVersion(getter generic.RESTOptionsGetter, scheme *runtime.Scheme, gv schema.GroupVersion) generic.RESTOptionsGetter {
	return versioned{getter, scheme, gv}
}

type versioned struct {
	generic.RESTOptionsGetter
	scheme  *runtime.Scheme
	version schema.GroupVersion
}

func (v versioned) GetRESTOptions(resource schema.GroupResource, example runtime.Object) (generic.RESTOptions, error) {
	options, err := v.RESTOptionsGetter.GetRESTOptions(resource, example)
	if err != nil {
		return options, err
	}
	if !v.scheme.IsVersionRegistered(v.version) {
		return options, fmt.Errorf("%s is to be stored as %s, which is not registered in the scheme", resource, v.version)
	}
	config := *options.StorageConfig
	config.Codec, config.EncodeVersioner, err = serverstorage.NewStorageCodec(serverstorage.StorageCodecConfig{
		StorageMediaType:  runtime.ContentTypeJSON,
		StorageSerializer: serializer.NewCodecFactory(v.scheme),
		StorageVersion:    v.version,
		MemoryVersion:     schema.GroupVersion{Group: v.version.Group, Version: runtime.APIVersionInternal},
		Config:            config.Config,
		DecoderDecoratorFn: func(decoders []runtime.Decoder) []runtime.Decoder {
			decoders[0] = storedDecoder(v.scheme) // of the media type; those after it are for data in other ones
			return decoders
		},
	})
	options.StorageConfig = &config
	return options, err
}
