package owners

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubecraft/kubecraft/runtime/extension"
)

// Config is what config.yaml has.
type Config struct {
	// Annotation is the key of the annotation that has the owner's name.
	Annotation string `yaml:"annotation"`
	// MayChange are the groups whose members may name another owner.
	MayChange []string `yaml:"mayChange"`
	// Ignored is what the names of users begin with whose objects get no owner.
	Ignored []string `yaml:"ignored"`
}

// parse reads the file and checks it.
func parse(file extension.File) (Config, error) {
	var c Config
	if err := file.Decode(&c); err != nil {
		return c, err
	}
	if problems := validation.IsQualifiedName(strings.ToLower(c.Annotation)); len(problems) > 0 {
		return c, file.Errorf(file.Line("annotation"), "annotation: %s", problems[0])
	}
	return c, nil
}
