package controlplane

import (
	"bytes"
	"context"
	"path/filepath"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

// renewInterval is how often a running server looks whether certificates expire. They have a month left then.
const renewInterval = 6 * time.Hour

// certificates returns those of the PKI folder, renewed if they need to be.
func (o Options) certificates() (*pki.Bundle, error) {
	return pki.Ensure(o.PKI, pki.Options{Hosts: append(hosts(o.Address), o.hosts...), Now: o.clock.Now})
}

// writeUsers brings the kubeconfigs of users that are not administrators up to date.
func (o Options) writeUsers(url string, bundle *pki.Bundle) error {
	for _, user := range o.users {
		own, err := pki.EnsureUser(o.PKI, pki.Options{Now: o.clock.Now}, bundle, user)
		if err != nil {
			return err
		}
		if err := pki.WriteKubeconfig(filepath.Join(o.PKI, user+".kubeconfig"), o.Name, url, own); err != nil {
			return err
		}
	}
	return nil
}

// renew keeps the certificates of a running server good until ctx ends, and the kubeconfig, which has those of written.
func (c *ControlPlane) renew(ctx context.Context, o Options, written *pki.Bundle, renewals clock.Ticker) {
	defer renewals.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-renewals.C():
		}
		renewed, err := c.renewOnce(o)
		if err == nil && o.Kubeconfig != "" && (!bytes.Equal(written.AdminCert, renewed.AdminCert) || !bytes.Equal(written.CA, renewed.CA)) {
			err = pki.RenewKubeconfig(o.Kubeconfig, o.Name, c.url, renewed)
		}
		if err == nil && o.Kubeconfig != "" {
			err = o.writeUsers(c.url, renewed)
		}
		if err != nil {
			klog.Warningf("certificates are not renewed: %v", err)
			continue
		}
		written = renewed
	}
}

func (c *ControlPlane) renewOnce(o Options) (*pki.Bundle, error) {
	renewed, err := o.certificates()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.Equal(c.bundle.ServingCert, renewed.ServingCert) || !bytes.Equal(c.bundle.CA, renewed.CA) {
		if err := c.server.SetCertificates(renewed.ServingCert, renewed.ServingKey, renewed.CA); err != nil {
			return nil, err
		}
	}
	c.bundle = renewed
	return renewed, nil
}
