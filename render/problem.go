package main

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// problem is why nothing was built: in the words of kustomize or Helm, at the line that is to blame.
type problem struct {
	Message string  `json:"message"`
	Path    *string `json:"path"`
	Line    *int    `json:"line"`
	Column  *int    `json:"column"`
	Kind    string  `json:"kind"`
}

func at(kind, message, name string, line, column int) *problem {
	found := &problem{Kind: kind, Message: message, Path: &name}
	if line > 0 {
		found.Line = &line
	}
	if column > 0 {
		found.Column = &column
	}
	return found
}

var yamlLine = regexp.MustCompile(`(?:error converting YAML to JSON: )?(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): `)

// inFile takes the line out of a parser's message and shows it there.
func inFile(kind, name string, err error) *problem {
	message := err.Error()
	line := 1
	if found := yamlLine.FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1])
		message = strings.Replace(message, found[0], "", 1)
	}
	return at(kind, message, name, line, 0)
}

// keyLine is where a path stands in a YAML text, from 1; 0 where it doesn't. A list's items are numbers.
func keyLine(text string, keys []string) (line, column int) {
	var document kyaml.Node
	if kyaml.Unmarshal([]byte(text), &document) != nil || len(document.Content) == 0 {
		return 0, 0
	}
	node := document.Content[0]
	line, column = 0, 0
	for _, key := range keys {
		var next *kyaml.Node
		switch node.Kind {
		case kyaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == key {
					next = node.Content[i+1]
					line, column = node.Content[i].Line, node.Content[i].Column
				}
			}
		case kyaml.SequenceNode:
			if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(node.Content) {
				next = node.Content[i]
				line, column = next.Line, next.Column
			}
		}
		if next == nil {
			return 0, 0
		}
		node = next
	}
	return line, column
}

// Of charts.

func (r *release) inChartFile(kind string, keys []string, message string) *problem {
	line, column := keyLine(given.texts[r.chartFile()], keys)
	return at(kind, message, r.chartFile(), max(line, 1), column)
}

var inSubchart = regexp.MustCompile(`error unpacking subchart (\S+) in (\S+): `)

// loadProblem is for what Helm's loader says: of which file, it has in its words.
func (r *release) loadProblem(err error) *problem {
	message := err.Error()
	folder := r.asked.Chart
	for _, each := range inSubchart.FindAllStringSubmatch(message, -1) {
		folder = path.Join(folder, "charts", each[1])
		message = strings.Replace(message, each[0], "", 1)
	}
	for _, name := range []string{"values.yaml", "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"} {
		if rest, is := strings.CutPrefix(message, "cannot load "+name+": "); is {
			kind := "bad-chart"
			if name == "values.yaml" {
				kind = "bad-values"
			}
			return inFile(kind, path.Join(folder, name), fmt.Errorf("%s", rest))
		}
	}
	return at("bad-chart", strings.TrimPrefix(message, "validation: "), path.Join(folder, "Chart.yaml"), 1, 0)
}

var (
	schemaOf    = regexp.MustCompile(`(?m)^(\S+):$`)
	schemaFault = regexp.MustCompile(`(?m)^\s*- at '([^']*)': (.*)$`)
)

// valuesProblem is for values that their schema, or the tables of a sub-chart, don't allow.
func (r *release) valuesProblem(err error) *problem {
	message := err.Error()
	faults := schemaFault.FindAllStringSubmatchIndex(message, -1)
	if faults == nil {
		return at("bad-values", message, path.Join(r.asked.Chart, "values.yaml"), 1, 0)
	}
	// Of faults that contain others, the innermost says what is wrong; the first of them is shown.
	fault := faults[0]
	for _, each := range faults[1:] {
		if !strings.HasPrefix(message[each[2]:each[3]], message[fault[2]:fault[3]]) {
			break
		}
		fault = each
	}
	pointer, what := message[fault[2]:fault[3]], message[fault[4]:fault[5]]
	name := r.chart.Name()
	if of := schemaOf.FindAllStringSubmatch(message[:fault[0]], -1); of != nil {
		name = of[len(of)-1][1]
	}
	var keys []string
	for _, each := range strings.Split(pointer, "/")[1:] {
		keys = append(keys, strings.NewReplacer("~1", "/", "~0", "~").Replace(each))
	}
	message = fmt.Sprintf("%s (the schema of chart %s)", what, name)
	if len(keys) > 0 {
		message = strings.Join(keys, ".") + ": " + message
	}
	if name != r.chart.Name() {
		keys = append([]string{name}, keys...)
	}
	// The file that says it last; where none does, what it should stand in.
	for ; len(keys) > 0; keys = keys[:len(keys)-1] {
		for i := len(r.files) - 1; i >= 0; i-- {
			file := r.files[i]
			if len(keys) <= len(file.Prefix) || strings.Join(keys[:len(file.Prefix)], "/") != strings.Join(file.Prefix, "/") {
				continue
			}
			text, isInline := r.texts[file.Path]
			if !isInline {
				text = given.texts[file.Path]
			}
			if line, column := keyLine(text, keys[len(file.Prefix):]); line > 0 {
				return at("values-schema", message, file.Path, line, column)
			}
		}
	}
	if len(r.files) == 0 {
		return at("values-schema", message, r.chartFile(), 1, 0)
	}
	return at("values-schema", message, r.files[len(r.files)-1].Path, 1, 0)
}

var (
	parseError   = regexp.MustCompile(`^parse error at \(([^:()]+):(\d+)(?::(\d+))?\): ((?s).*)$`)
	plainError   = regexp.MustCompile(`^execution error at \(([^:()]+):(\d+):(\d+)\): ((?s).*)$`)
	deepestError = regexp.MustCompile(`template: ([^:]+):(\d+):(\d+): executing "(?:[^"\\]|\\.)*" at <((?s).*?)>: `)
)

// templateProblem is for what the engine says of a template that doesn't parse or fails. Of templates that include each
// other, the innermost is to blame.
func (r *release) templateProblem(of *tracer, err error) *problem {
	message := err.Error()
	place := func(kind, template, line, column, what string) *problem {
		file := of.files[template]
		if file == nil {
			return at(kind, what, r.chartFile(), 1, 0)
		}
		row, _ := strconv.Atoi(line)
		col, err := strconv.Atoi(column)
		if err == nil {
			col++ // Go's templates count them from 0
		}
		return at(kind, what, file.path, row, col)
	}
	if found := parseError.FindStringSubmatch(message); found != nil {
		return place("template-syntax", found[1], found[2], found[3], found[4])
	}
	if found := plainError.FindStringSubmatch(message); found != nil {
		return place("template-failed", found[1], found[2], found[3], strings.TrimSpace(found[4]))
	}
	deepest := []int(nil)
	for _, each := range deepestError.FindAllStringSubmatchIndex(message, -1) {
		if of.files[message[each[2]:each[3]]] != nil {
			deepest = each
		}
	}
	if deepest == nil {
		return at("template-failed", message, r.chartFile(), 1, 0)
	}
	part := func(i int) string { return message[deepest[2*i]:deepest[2*i+1]] }
	return place("template-failed", part(1), part(2), part(3), fmt.Sprintf("%s: %s", part(4), message[deepest[1]:]))
}

// yamlProblem is for a text that a template makes and that isn't YAML: the template's line that made the line at fault.
func (r *release) yamlProblem(of *tracer, files map[string]string, err error) *problem {
	message := err.Error()
	name, what, _ := strings.Cut(strings.TrimPrefix(message, "YAML parse error on "), ": ")
	file := of.files[name]
	if file == nil {
		return at("bad-yaml", message, r.chartFile(), 1, 0)
	}
	for _, each := range documentsOf(files[name]) {
		var read any
		fault := kyaml.Unmarshal([]byte(each.text), &read)
		if fault == nil {
			continue
		}
		found := yamlLine.FindStringSubmatch(what)
		if found == nil {
			break
		}
		line, _ := strconv.Atoi(found[1])
		what = strings.Replace(what, found[0], "", 1)
		spans := of.spans(of.finished[name], each.start, each.start+len(each.text), func([]string) bool { return false })
		start := 0
		for range line - 1 {
			start = lineEnd(each.text, start)
		}
		units := utf16Length(each.text[:start])
		for _, span := range spans {
			if span.End > units {
				return at("bad-yaml", "what it makes isn't YAML: "+what, span.Template, span.Line, span.Column)
			}
		}
	}
	return at("bad-yaml", "what it makes isn't YAML: "+what, file.path, 1, 0)
}
