package extension

import (
	"time"

	"github.com/spf13/pflag"
)

// Options say what a component is called and made from. Only the name is needed.
type Options struct {
	// Name tells the component from the other parts: serve --without NAME leaves it out, --NAME-config gives it another file.
	Name string
	// File is what it is made from, in the folder that the server is started in. It may come later than the server.
	File string
	// Config is what it is made from while there is no File. Without either there is no component: nobody is known to an authenticator,
	// authorizers have no opinion and admission plugins no objection.
	Config []byte
	// Secret says that nobody but its owner should be able to read the file. That somebody can is logged.
	Secret bool
	// Timeout is how long it may take to answer. Default: 10 seconds.
	Timeout time.Duration
	// Remember is how long a TokenAuthenticator's users are known by their tokens without it being asked again: it keeps no user waiting
	// then who was known, however many tokens that nobody has it is busy with. Until its file changes. Default: not at all. The other
	// kinds of components do not have it.
	Remember time.Duration
}

// part is what the parts of all kinds of components share: they implement controlplane.Optional with it.
type part struct {
	Options
	// given is the file that a user has named.
	given string
}

// Name implements controlplane.Optional.
func (p *part) Name() string { return p.Options.Name }

// AddFlags implements controlplane.Optional.
func (p *part) AddFlags(flags *pflag.FlagSet) {
	instead := ""
	if p.File != "" {
		instead = " (default " + p.File + ")"
	}
	flags.StringVar(&p.given, p.Options.Name+"-config", "", "file that "+p.Options.Name+" is made from, and made anew from when it changes"+instead)
}
