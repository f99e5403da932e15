package main

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// How kustomize says what is wrong, as of v0.21.0: an error of each level above wraps those below, in which the folder
// stands that is to blame. The patterns are tried in their order, on what is behind the last such folder.
var faults = []struct {
	pattern *regexp.Regexp
	blame   func(of fault) *problem
}{
	{regexp.MustCompile(`cycle detected: candidate root '([^']+)' contains`), func(of fault) *problem {
		return of.at("cycle", of.refersTo(of.found[1]), "cycle detected: '%s' is being built already, or something in it", of.seen(of.found[1]))
	}},
	{regexp.MustCompile(`unable to find one of .* in directory '([^']+)'`), func(of fault) *problem {
		if of.found[1] == of.root {
			return &problem{Kind: "no-kustomization", Message: of.found[0]}
		}
		return refersAnywhere(of.found[1]).at("no-kustomization", of.found[0])
	}},
	{regexp.MustCompile(`Found multiple kustomization files under: (\S+)`), func(of fault) *problem {
		of.folder = of.found[1]
		return of.at("bad-kustomization", beginning, of.found[0])
	}},
	{regexp.MustCompile(`(?:remote base|HTTP Error:) '([^']+)' isn't fetched`), func(of fault) *problem {
		return of.at("remote-base", of.says(of.found[1]), "'%s' isn't fetched", of.found[1])
	}},
	{regexp.MustCompile(`security; file '([^']+)' is not in or below '([^']+)'`), func(of fault) *problem {
		return of.at("outside-root", of.refersTo(of.found[1]), of.found[0])
	}},
	{regexp.MustCompile(`MalformedYAMLError: (?:yaml: )?(?:line \d+: )?(.*) in File: (\S+)`), func(of fault) *problem {
		file := path.Join(of.folder, of.found[2])
		return at("bad-yaml", of.found[1], file, faultyLine(given.texts[file]), 0)
	}},
	{regexp.MustCompile(`merging resources from '([^']+)': (may not add resource with an already registered id: \S+[^':\s])`), func(of fault) *problem {
		return of.at("duplicate-resource", of.says(of.found[1]), of.found[2])
	}},
	{regexp.MustCompile(`merging from path '([^']+)': (may not add resource with an already registered id: .*)`), func(of fault) *problem {
		return refersAnywhere(of.found[1]).at("duplicate-resource", of.found[2])
	}},
	{regexp.MustCompile(`(?s)accumulating resources from '([^']+)': (.*)': must build at directory: '[^']*': file is not directory`), func(of fault) *problem {
		return at("bad-resource", of.found[2], path.Join(of.folder, of.found[1]), 1, 0)
	}},
	{regexp.MustCompile(`'([^']+)' doesn't exist\W*$`), func(of fault) *problem {
		if of.found[1] == of.root {
			return &problem{Kind: "no-kustomization", Message: of.found[0]}
		}
		return of.at("missing-resource", of.refersTo(of.found[1]), "'%s' doesn't exist", of.seen(of.found[1]))
	}},
	{regexp.MustCompile(`(?s)must specify --enable-helm`), func(of fault) *problem {
		return of.at("helm-in-kustomize", of.key("helmCharts"), "%s (charts in kustomizations aren't rendered)", of.found[0])
	}},
	{regexp.MustCompile(`((?:no|multiple) matches for Id ([^.\s]+)\.\S*/([^/\s]+)\.[^.\s;]+); failed to find unique target`), func(of fault) *problem {
		return of.at("patch-without-target", of.patch(func(kind, name string, _ string) bool {
			return kind == of.found[2] && name == of.found[3]
		}), "no resource matches the patch: %s", of.found[1])
	}},
	{regexp.MustCompile(`((?:\w+ operation does not apply: |error in \w+ for path: ).*?(/[^:'\s]*).*)`), func(of fault) *problem {
		return of.at("patch-failed", of.patch(func(_, _, text string) bool { return strings.Contains(text, of.found[2]) }), of.found[1])
	}},
	{regexp.MustCompile(`invalid Kustomization: (?:yaml: )?line (\d+): (.*)`), func(of fault) *problem {
		line, _ := strconv.Atoi(of.found[1])
		return of.at("bad-kustomization", func(*kyaml.Node) (int, int) { return line, 0 }, of.found[2])
	}},
	{regexp.MustCompile(`invalid Kustomization: json: (unknown field "([^"]+)")`), func(of fault) *problem {
		return of.at("bad-kustomization", of.key(of.found[2]), of.found[1])
	}},
	{regexp.MustCompile(`invalid Kustomization: json: (cannot unmarshal \w+) into Go struct field [^.\s]+\.(\w+)\S* of type (\S+)`), func(of fault) *problem {
		return of.at("bad-kustomization", of.key(of.found[2]), "%s: %s, %s is wanted", of.found[2], of.found[1], of.found[3])
	}},
	{regexp.MustCompile(`expected kind (?:!= )?'Component' for path '([^']+)'.*`), func(of fault) *problem {
		return refersAnywhere(of.found[1]).at("bad-kustomization", strings.TrimRight(of.found[0], `"`))
	}},
	{regexp.MustCompile(`external plugins disabled; unable to load external plugin '([^']+)'`), func(of fault) *problem {
		return of.at("plugin", of.key("generators", "transformers", "validators"), of.found[0])
	}},
}

// seen is a path as it would be written in the kustomization.
func (f fault) seen(name string) string {
	if found, err := filepath.Rel(f.folder, name); err == nil {
		return found
	}
	return name
}

type fault struct {
	root   string
	folder string // of the kustomization that is to blame
	found  []string
}

// A finder gives where in a kustomization's tree something stands; 0 if it doesn't.
type finder func(document *kyaml.Node) (line, column int)

func beginning(*kyaml.Node) (int, int) { return 1, 0 }

var blamedFolder = regexp.MustCompile(`(?:recursed accumulation of|couldn't make target for) path '([^']+)': `)

// What stands before the words that say something.
var wrapping = regexp.MustCompile("(?s)^(?:accumulating (?:resources|components): |accumulateDirectory: \"|loader.New \"|" +
	"trouble configuring builtin \\w+ with config: `.*`: )+")

func kustomizeProblem(root string, err error) *problem {
	message := err.Error()
	of := fault{root: root, folder: root}
	if all := blamedFolder.FindAllStringSubmatchIndex(message, -1); all != nil {
		last := all[len(all)-1]
		of.folder, message = message[last[2]:last[3]], message[last[1]:]
	}
	for _, each := range faults {
		if of.found = each.pattern.FindStringSubmatch(message); of.found != nil {
			return each.blame(of)
		}
	}
	return of.at("kustomize", beginning, "%s", strings.TrimSpace(wrapping.ReplaceAllString(message, "")))
}

// at shows a problem in the kustomization's file: where it is found, else at its beginning.
func (f fault) at(kind string, where finder, format string, of ...any) *problem {
	message := format
	if len(of) > 0 {
		message = fmt.Sprintf(format, of...)
	}
	name := kustomizationIn(f.folder)
	var document kyaml.Node
	_ = kyaml.Unmarshal([]byte(given.texts[name]), &document)
	line, column := where(&document)
	return at(kind, message, name, max(line, 1), column)
}

func kustomizationIn(folder string) string {
	for _, each := range konfig.RecognizedKustomizationFileNames() {
		if name := path.Join(folder, each); given.texts[name] != "" {
			return name
		}
	}
	return path.Join(folder, konfig.DefaultKustomizationFileName())
}

// scalar finds the first value that is taken.
func scalar(takes func(text string) bool) finder {
	var find finder
	find = func(node *kyaml.Node) (int, int) {
		if node.Kind == kyaml.ScalarNode && takes(node.Value) {
			return node.Line, node.Column
		}
		for _, each := range node.Content {
			if line, column := find(each); line > 0 {
				return line, column
			}
		}
		return 0, 0
	}
	return find
}

func (f fault) says(text string) finder {
	return scalar(func(value string) bool { return value == text })
}

// refersTo finds a path, as it is in a generator's `key=path`, too.
func (f fault) refersTo(name string) finder {
	return scalar(func(value string) bool {
		_, behind, _ := strings.Cut(value, "=")
		return path.Join(f.folder, value) == name || behind != "" && path.Join(f.folder, behind) == name
	})
}

func (f fault) key(names ...string) finder {
	return scalar(func(value string) bool { return slices.Contains(names, value) })
}

// A reference is where some kustomization that was read names a folder.
type reference struct {
	fault
	where finder
}

func refersAnywhere(folder string) reference {
	for _, name := range names(given.read) {
		of := fault{folder: path.Dir(name)}
		var document kyaml.Node
		if kustomizationIn(of.folder) != name || kyaml.Unmarshal([]byte(given.texts[name]), &document) != nil {
			continue
		}
		if line, _ := of.refersTo(folder)(&document); line > 0 && of.folder != folder {
			return reference{fault: of, where: of.refersTo(folder)}
		}
	}
	return reference{fault: fault{folder: folder}, where: beginning}
}

func (r reference) at(kind, message string) *problem { return r.fault.at(kind, r.where, "%s", message) }

// patch finds the patch, inline or in a file, whose target's kind and name, or text, are taken.
func (f fault) patch(takes func(kind, name, text string) bool) finder {
	isTaken := func(text string) bool {
		var written struct {
			Kind     string
			Metadata struct{ Name string }
		}
		_ = kyaml.Unmarshal([]byte(text), &written)
		return takes(written.Kind, written.Metadata.Name, text)
	}
	return scalar(func(value string) bool {
		if text, isFile := given.texts[path.Join(f.folder, value)]; isFile {
			return isTaken(text)
		}
		return strings.Contains(value, "\n") && isTaken(value)
	})
}

// faultyLine is where a text isn't YAML.
func faultyLine(text string) int {
	var read any
	err := kyaml.Unmarshal([]byte(text), &read)
	if err == nil {
		return 1
	}
	found := yamlLine.FindStringSubmatch(err.Error())
	if found == nil {
		return 1
	}
	line, _ := strconv.Atoi(found[1])
	return line
}
