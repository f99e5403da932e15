package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unsafe"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/ignore"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

type span struct {
	Start    int        `json:"start"`
	End      int        `json:"end"`
	Template string     `json:"template"`
	Line     int        `json:"line"`
	Column   int        `json:"column"`
	Reads    [][]string `json:"reads"`
}

// What a chart's templates are executed with, and what may be told of it where that fails.
type release struct {
	asked request
	chart *chart.Chart
	// The files behind what the loader made of them.
	paths  map[*byte]string
	values map[string]any
	files  []valuesFile
	texts  map[string]string // of inline values, by label
}

// helm renders a chart as `helm template` does, hooks and tests included.
func helm(asked request) rendered {
	r := &release{asked: asked, paths: map[*byte]string{}, texts: map[string]string{}}
	if found := r.load(); found != nil {
		return rendered{Problem: found}
	}
	values, found := r.prepare()
	if found != nil {
		return rendered{Problem: found, ValuesFiles: r.files}
	}
	shown := r.render(values)
	shown.ValuesFiles = r.files
	return shown
}

// A template that is executed elsewhere is heard by nobody, but something must listen.
func init() { template.Watching = newTracer(nil) }

// load reads the chart's files as Helm's loader.LoadDir does.
func (r *release) load() *problem {
	rules := ignore.Empty()
	ignoreFile := path.Join(r.asked.Chart, ignore.HelmIgnore)
	if text, is := given.texts[ignoreFile]; is {
		given.read[ignoreFile] = true
		parsed, err := ignore.Parse(strings.NewReader(text))
		if err != nil {
			return inFile("bad-chart", ignoreFile, err)
		}
		rules = parsed
	}
	rules.AddDefaults()
	texts := given.under(r.asked.Chart)
	var files []*loader.BufferedFile
	for _, name := range slices.SortedFunc(maps.Keys(texts), byParts) {
		if isIgnored(rules, name) || strings.HasSuffix(name, ".tgz") {
			continue
		}
		data := bytes.TrimPrefix([]byte(texts[name]), []byte("\xef\xbb\xbf"))
		at := path.Join(r.asked.Chart, name)
		given.read[at] = true
		r.paths[unsafe.SliceData(data)] = at
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
	}
	if _, is := texts["Chart.yaml"]; !is {
		given.missing[path.Join(r.asked.Chart, "Chart.yaml")] = true
	}
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return r.loadProblem(err)
	}
	r.chart = loaded
	return nil
}

// byParts is the order in which a walk through folders meets files.
func byParts(a, b string) int {
	return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
}

func isIgnored(rules *ignore.Rules, name string) bool {
	for at, each := range name {
		if each == '/' && rules.Ignore(name[:at], listed{name: path.Base(name[:at]), isDir: true}) {
			return true
		}
	}
	return rules.Ignore(name, listed{name: path.Base(name)})
}

// listed is what the rules of a .helmignore ask of a file.
type listed struct {
	fs.FileInfo
	name  string
	isDir bool
}

func (e listed) Name() string { return e.name }
func (e listed) IsDir() bool  { return e.isDir }

// pathOf is the file of what the loader made of it: it keeps its bytes.
func (r *release) pathOf(file *chart.File) string { return r.paths[unsafe.SliceData(file.Data)] }

// prepare makes the values that templates are given.
func (r *release) prepare() (chartutil.Values, *problem) {
	values := map[string]any{}
	for _, each := range r.asked.Values {
		text, err := given.ReadFile(each)
		if err != nil {
			return nil, &problem{Kind: "bad-values", Message: err.Error(), Path: &each}
		}
		if found := r.merge(&values, string(text), each); found != nil {
			return nil, found
		}
	}
	for _, each := range r.asked.Inline {
		r.texts[each.Path] = each.Text
		if found := r.merge(&values, each.Text, each.Path); found != nil {
			return nil, found
		}
	}
	for _, each := range r.asked.Set {
		if err := strvals.ParseInto(each, values); err != nil {
			return nil, &problem{Kind: "bad-values", Message: fmt.Sprintf("--set %s: %s", each, err)}
		}
	}
	if found := r.missingSubchart(); found != nil {
		return nil, found
	}
	if err := chartutil.ProcessDependenciesWithMerge(r.chart, values); err != nil {
		return nil, inFile("bad-chart", r.chartFile(), err)
	}
	r.files = append(r.chartValues(r.chart, nil), r.files...)
	version, err := chartutil.ParseKubeVersion(r.asked.KubeVersion)
	if err != nil {
		return nil, &problem{Kind: "kube-version", Message: fmt.Sprintf("invalid Kubernetes version '%s': %s", r.asked.KubeVersion, err)}
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	capabilities.APIVersions = append(slices.Clone(capabilities.APIVersions), r.asked.APIVersions...)
	options := chartutil.ReleaseOptions{
		Name: r.asked.Release, Namespace: r.asked.Namespace, Revision: 1, IsInstall: true,
	}
	prepared, err := chartutil.ToRenderValues(r.chart, values, options, capabilities)
	if err != nil {
		return nil, r.valuesProblem(err)
	}
	if wants := r.chart.Metadata.KubeVersion; wants != "" && !chartutil.IsCompatibleRange(wants, version.String()) {
		return nil, r.inChartFile("kube-version", []string{"kubeVersion"}, fmt.Sprintf(
			"chart requires kubeVersion: %s which is incompatible with Kubernetes %s", wants, version))
	}
	return prepared, nil
}

// merge adds a values file, as Helm's values.Options does: maps are merged, all else is replaced.
func (r *release) merge(values *map[string]any, text, label string) *problem {
	more := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &more); err != nil {
		return inFile("bad-values", label, err)
	}
	*values = merged(*values, more)
	r.files = append(r.files, valuesFile{Path: label, Prefix: []string{}})
	return nil
}

func merged(under, over map[string]any) map[string]any {
	out := maps.Clone(under)
	for key, value := range over {
		table, isTable := value.(map[string]any)
		below, isBelow := out[key].(map[string]any)
		if isTable && isBelow {
			value = merged(below, table)
		}
		out[key] = value
	}
	return out
}

// chartValues gives the charts' own values files, those of sub-charts first, since the charts above decide.
func (r *release) chartValues(of *chart.Chart, prefix []string) []valuesFile {
	var found []valuesFile
	for _, each := range of.Dependencies() {
		found = append(found, r.chartValues(each, append(slices.Clone(prefix), each.Name()))...)
	}
	for _, each := range of.Raw {
		if each.Name == chartutil.ValuesfileName && len(each.Data) > 0 {
			found = append(found, valuesFile{Path: r.pathOf(each), Prefix: append([]string{}, prefix...)})
		}
	}
	return found
}

// missingSubchart is what Helm's action.CheckDependencies finds.
func (r *release) missingSubchart() *problem {
	for i, each := range r.chart.Metadata.Dependencies {
		if each == nil || slices.ContainsFunc(r.chart.Dependencies(), func(of *chart.Chart) bool { return of.Name() == each.Name }) {
			continue
		}
		folder := path.Join(r.asked.Chart, "charts", each.Name)
		given.missing[folder] = true
		why := fmt.Sprintf("found in Chart.yaml, but missing in charts/ directory: %s", each.Name)
		for name := range given.under(path.Join(r.asked.Chart, "charts")) {
			if strings.HasPrefix(name, each.Name+"-") && strings.HasSuffix(name, ".tgz") {
				why = fmt.Sprintf("sub-chart %s is packed (charts/%s); packed charts aren't read", each.Name, name)
			}
		}
		return r.inChartFile("missing-subchart", []string{"dependencies", fmt.Sprint(i), "name"}, why)
	}
	return nil
}

func (r *release) chartFile() string { return path.Join(r.asked.Chart, chartutil.ChartfileName) }

// render executes the templates and prints what `helm template` would, object by object.
func (r *release) render(values chartutil.Values) rendered {
	top, _ := values["Values"].(chartutil.Values)
	var shown rendered
	// As they are before templates set anything in them.
	if text, err := json.Marshal(top); err == nil {
		shown.Values = text
	}
	tracer := newTracer(top)
	subcharts := map[string]bool{}
	r.addTemplates(r.chart, tracer, nil, subcharts)
	template.Watching = tracer
	files, err := engine.Render(r.chart, values)
	if err != nil {
		shown.Problem = r.templateProblem(tracer, err)
		return shown
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		shown.Problem = r.yamlProblem(tracer, files, err)
		return shown
	}
	places := map[string][]document{}
	add := func(name, content string) {
		if places[name] == nil {
			places[name] = documentsOf(files[name])
		}
		i := slices.IndexFunc(places[name], func(each document) bool { return !each.isShown && each.text == content })
		if i < 0 || isComment(content) {
			return
		}
		places[name][i].isShown = true
		template := tracer.files[name].path
		start := places[name][i].start
		shown.Objects = append(shown.Objects, object{
			Text:     content + "\n",
			Template: &template,
			Spans: tracer.spans(tracer.finished[name], start, start+len(content), func(prefix []string) bool {
				return subcharts[strings.Join(prefix, "/")]
			}),
		})
	}
	for _, each := range manifests {
		add(each.Name, each.Content)
	}
	for _, each := range hooks {
		add(each.Path, each.Manifest)
	}
	return shown
}

// addTemplates tells the tracer of a chart's templates and its sub-charts', by the names that Helm gives them.
func (r *release) addTemplates(of *chart.Chart, tracer *tracer, prefix []string, subcharts map[string]bool) {
	for _, each := range of.Templates {
		name := path.Join(of.ChartFullPath(), each.Name)
		at := r.pathOf(each)
		if at == "" {
			at = path.Join(r.asked.Chart, each.Name)
		}
		tracer.files[name] = newTemplateFile(at, string(each.Data))
	}
	for _, each := range of.Dependencies() {
		below := append(slices.Clone(prefix), each.Name())
		subcharts[strings.Join(below, "/")] = true
		r.addTemplates(each, tracer, below, subcharts)
	}
}

// A document of what a template's file gave.
type document struct {
	text    string
	start   int
	isShown bool
}

// As Helm's releaseutil.SplitManifests has it.
var separator = regexp.MustCompile("(?:^|\\s*\n)---\\s*")

func documentsOf(text string) []document {
	trimmed := strings.TrimSpace(text)
	offset := strings.Index(text, trimmed)
	var found []document
	from := 0
	add := func(to int) {
		if content := strings.TrimSpace(trimmed[from:to]); content != "" {
			start := from + strings.Index(trimmed[from:to], content)
			found = append(found, document{text: content, start: offset + start})
		}
	}
	for _, each := range separator.FindAllStringIndex(trimmed, -1) {
		add(each[0])
		from = each[1]
	}
	add(len(trimmed))
	return found
}

// isComment says that a document holds nothing.
func isComment(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}
