package apiserver

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	apimachineryversion "k8s.io/apimachinery/pkg/version"
	basecompatibility "k8s.io/component-base/compatibility"
)

// KubernetesVersion is the release whose API machinery this is. Upstream learns its own from linker flags, which a
// plain `go build` does not give.
const KubernetesVersion = "v1.37.2"

// Release makes a version answer with KubernetesVersion where a plain build knows none.
func Release(v basecompatibility.EffectiveVersion) basecompatibility.EffectiveVersion {
	return released{v}
}

type released struct {
	basecompatibility.EffectiveVersion
}

// Info is what /version answers.
func (r released) Info() *apimachineryversion.Info {
	info := r.EffectiveVersion.Info()
	if !isPlain(info) {
		return info
	}
	info.GitVersion, info.GitCommit, info.GitTreeState = KubernetesVersion, "", ""
	return info
}

// BinaryVersion is what /statusz answers.
func (r released) BinaryVersion() *version.Version {
	if !isPlain(r.EffectiveVersion.Info()) {
		return r.EffectiveVersion.BinaryVersion()
	}
	return version.MustParse(KubernetesVersion)
}

func isPlain(info *apimachineryversion.Info) bool {
	return strings.HasPrefix(info.GitVersion, "v0.0.0")
}
