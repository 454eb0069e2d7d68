package controlplane_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

// BenchmarkStart measures Start, which returns when /readyz answers 200: the first over an empty folder, then over
// folders with objects. What a process does before its main (24 ms of package initialization) comes on top.
func BenchmarkStart(b *testing.B) {
	for _, objects := range []int{0, 5000} {
		b.Run(fmt.Sprintf("objects=%d", objects), func(b *testing.B) {
			dir := b.TempDir()
			o := controlplane.Options{Name: "bench", Data: dir + "/data", PKI: dir + "/pki"}
			fill(b, o, objects)
			for b.Loop() {
				c, err := controlplane.Start(b.Context(), o, serve.Groups())
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := c.Stop(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

func fill(b *testing.B, o controlplane.Options, objects int) {
	b.Helper()
	c, err := controlplane.Start(b.Context(), o, serve.Groups())
	if err != nil {
		b.Fatal(err)
	}
	to := &client{t: b, url: c.URL(), http: httpsClient(b, c.RESTConfig())}
	for i := range objects {
		to.must(http.MethodPost, robots, robot(fmt.Sprintf("r-%d", i), "model: x"))
	}
	if err := c.Stop(); err != nil {
		b.Fatal(err)
	}
}
