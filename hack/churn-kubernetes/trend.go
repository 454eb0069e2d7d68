package main

import (
	"fmt"
	"math"
	"time"
)

// batches is how many means a series is reduced to: samples that follow each other are alike, their means are less so.
const batches = 12

// student is the two-sided 95 % quantile of Student's t with batches-2 degrees of freedom.
const student = 2.228

// tolerance is a growth over the time measured, as a part of the mean, that does not count.
const tolerance = 0.02

// series is what was measured of one thing at even intervals.
type series struct {
	name   string
	values []float64
}

// trend is a line through a series, by least squares.
type trend struct {
	means [batches]float64
	mean  float64
	slope float64 // an hour
	error float64 // half of the slope's 95 % interval
	grown float64 // over the time measured, as a part of the mean
}

func (s series) trend(over time.Duration) trend {
	n := len(s.values) / batches
	var means [batches]float64
	var sum float64
	for i := range means {
		for _, v := range s.values[i*n : (i+1)*n] {
			means[i] += v / float64(n)
		}
		sum += means[i]
	}
	mean, middle := sum/batches, float64(batches-1)/2
	var xx, xy float64
	for i, m := range means {
		x := float64(i) - middle
		xx += x * x
		xy += x * (m - mean)
	}
	slope := xy / xx
	var rest float64
	for i, m := range means {
		d := m - mean - slope*(float64(i)-middle)
		rest += d * d
	}
	deviation := math.Sqrt(rest / (batches - 2) / xx)
	hourly := batches / over.Hours()
	return trend{means: means, mean: mean, slope: slope * hourly, error: student * deviation * hourly, grown: slope * batches / mean}
}

// grows says whether the slope is above zero for certain, and by more than counts.
func (t trend) grows() bool { return t.slope-t.error > 0 && t.grown > tolerance }

func (s series) report(t trend) string {
	verdict := "does not grow"
	if t.grows() {
		verdict = "GROWS"
	}
	return fmt.Sprintf("%-15s mean %.1f, slope %+.1f ± %.1f an hour: %s\n%-15s %.0f", s.name, t.mean, t.slope, t.error, verdict, "", t.means)
}
