package controlplane

import "github.com/kubecraft/kubecraft/runtime/pki"

// plannedKubeconfig is worked out while the server is made: that takes a tenth as long, and needs nothing of it.
type plannedKubeconfig struct {
	done chan struct{}
	file *pki.Kubeconfig // nil if none is wanted
	err  error
}

func (c *ControlPlane) planKubeconfig(o Options) *plannedKubeconfig {
	p := &plannedKubeconfig{done: make(chan struct{})}
	if o.Kubeconfig == "" {
		close(p.done)
		return p
	}
	url, bundle := c.url, c.bundle
	go func() {
		defer close(p.done)
		p.file, p.err = pki.PlanKubeconfig(o.Kubeconfig, o.Name, url, bundle)
	}()
	return p
}

// wait returns the error that writing would meet in what is there.
func (p *plannedKubeconfig) wait() error {
	<-p.done
	return p.err
}

func (p *plannedKubeconfig) write() error {
	if err := p.wait(); err != nil || p.file == nil {
		return err
	}
	return p.file.Write()
}
