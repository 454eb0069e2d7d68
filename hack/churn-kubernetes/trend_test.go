package main

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestATrendIsTold(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		each  float64 // growth a sample
		grows bool
	}{
		"level":          {0, false},
		"falling":        {-0.05, false},
		"a leak":         {0.1, true},
		"within reason":  {0.001, false},
		"a grievous one": {3, true},
	} {
		s := series{name: name}
		for i := range 240 {
			s.values = append(s.values, 100+c.each*float64(i)+3*random.NormFloat64())
		}
		if got := s.trend(4 * time.Minute); got.grows() != c.grows {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
