package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// normal makes answers of a side comparable: what must differ from one cluster to the next becomes a word in angle brackets.
type normal struct{ port string }

func newNormal(s *side) normal {
	at, err := url.Parse(s.url)
	if err != nil {
		panic(err) // the side has served by it
	}
	return normal{port: at.Port()}
}

// replacements of text, wherever it stands.
var replacements = []struct {
	text *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "<time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( [+-]\d{4} [A-Z]+)?( m=\+[\d.]+)?`), "<time>"},
	{regexp.MustCompile(`\b[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d UTC \d{4}`), "<time>"},
	{regexp.MustCompile(`\b\d+ hr \d+ min \d+ sec`), "<duration>"},
	{regexp.MustCompile(`(?m)^(Started|Up|Go version|Binary version|Emulation version|Paths)[:= ] *`), "$1: "}, // of /statusz, by chance
	{regexp.MustCompile(`<td>\d+</td>`), "<td><count></td>"},
	{regexp.MustCompile(`kube-api-access-[a-z0-9]{5}`), "kube-api-access-<random>"},
	{regexp.MustCompile(`(resourceVersion\\*"?: ?\\*")\d+`), "$1<revision>"},
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`), "<token>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<address>"},
	{regexp.MustCompile(`\b10\.(9[6-9]|10\d|11[01])\.\d+\.\d+\b`), "<service address>"},
	{regexp.MustCompile(`(current: |resource version: ?|resourceVersion: ?|in record \()\d+`), "$1<revision>"},
}

const (
	primaryAddress = "10.96.0.1" // of the service kubernetes, which is no random one
	serviceRange   = "10.96.0.0/12"
)

func (n normal) text(s string) string {
	if s == primaryAddress || s == serviceRange {
		return s
	}
	for _, r := range replacements {
		s = r.text.ReplaceAllString(s, r.by)
	}
	return strings.ReplaceAll(s, ":"+n.port, ":<port>")
}

// age is a cell of a table.
var age = regexp.MustCompile(`^(\d+[smhdy]){1,2}$`)

// value makes JSON comparable.
func (n normal) value(in any) any {
	switch v := in.(type) {
	case string:
		switch {
		case age.MatchString(v):
			return "<age>"
		case v == n.port:
			return "<port>"
		}
		return n.text(v)
	case json.Number:
		if v.String() == n.port {
			return "<port>"
		}
		return v
	case []any:
		for i := range v {
			v[i] = n.value(v[i])
		}
		return v
	case map[string]any:
		if prefix, ok := v["generateName"].(string); ok && v["name"] != nil {
			v["name"] = prefix + "<random>"
		}
		unordered(v)
		for key, value := range v {
			switch text, isText := value.(string); {
			case isText && text != "" && key == "resourceVersion":
				v[key] = "<revision>"
			case isText && text != "" && key == "continue":
				v[key] = "<continue>"
			case key == "nodePort":
				v[key] = "<port>"
			default:
				v[key] = n.value(value)
			}
		}
		return v
	}
	return in
}

// problems are those that a message names.
var problems = regexp.MustCompile(`(?s)^(.* is invalid: \[)(.*)(\])$`)

// unordered sorts what upstream finds by going through maps: the problems that a status names, and a user's rules.
func unordered(object map[string]any) {
	if message, ok := object["message"].(string); ok {
		if m := problems.FindStringSubmatch(message); m != nil {
			parts := strings.Split(m[2], ", ")
			slices.Sort(parts)
			object["message"] = m[1] + strings.Join(parts, ", ") + m[3]
		}
	}
	for _, key := range []string{"causes", "resourceRules", "nonResourceRules"} {
		if list, ok := object[key].([]any); ok {
			slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(show(a), show(b)) })
		}
	}
}

// parse reads JSON, one value or, as a watch sends it, several; what is not JSON stays text.
func parse(body []byte) any {
	var all []any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		var one any
		err := decoder.Decode(&one)
		if err == io.EOF {
			break
		}
		if err != nil {
			return string(body)
		}
		all = append(all, one)
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return all[0]
	}
	return all
}

// dropped are headers that say nothing of the answer.
var dropped = map[string]bool{"Date": true, "Content-Length": true, "Etag": true, "Last-Modified": true}

// present are headers whose values are of one cluster.
var present = map[string]bool{"Audit-Id": true, "X-Kubernetes-Pf-Flowschema-Uid": true, "X-Kubernetes-Pf-Prioritylevel-Uid": true}

func (n normal) headers(h http.Header) map[string]any {
	all := map[string]any{}
	for key, values := range h {
		switch {
		case dropped[key]:
		case present[key]:
			all[key] = "<present>"
		default:
			var texts []any
			for _, value := range values {
				texts = append(texts, n.text(value))
			}
			all[key] = texts
		}
	}
	return all
}

// answer is all of an answer that is compared.
func (n normal) answer(a *answer) map[string]any {
	body := parse(a.body)
	if text, ok := body.(string); ok {
		body = n.text(text)
		if strings.Count(text, "\n") > 1 {
			var lines []any
			for line := range strings.SplitSeq(n.text(text), "\n") {
				if line != "" {
					lines = append(lines, line)
				}
			}
			body = lines
		}
	} else {
		body = n.value(body)
	}
	return map[string]any{"status": a.status, "headers": n.headers(a.header), "body": body}
}
