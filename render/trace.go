package main

import (
	"io"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

// A tracer hears what templates do while they are executed (edits.mjs puts the calls into text/template) and notes which
// part of a template wrote which part of a text, and which values were read for it.
type tracer struct {
	files map[string]*templateFile // by template's name
	// What has been read since the running action began.
	reads  []*valuePath
	inners []*execution
	// The executions that run, the innermost last; the finished outermost ones by template's name.
	running  []*execution
	finished map[string]*execution
	// The values' maps and lists by identity, and what templates made of values with dict and list.
	known map[uintptr]*valuePath
	made  map[uintptr]made
	// What the data rests on that is given to the next include or tpl.
	passed *grounds
}

// A valuePath is a value by its keys in the top chart's values.
type valuePath struct {
	parent   *valuePath
	key      string
	children map[string]*valuePath
}

func (p *valuePath) child(key string) *valuePath {
	if found := p.children[key]; found != nil {
		return found
	}
	if p.children == nil {
		p.children = map[string]*valuePath{}
	}
	found := &valuePath{parent: p, key: key}
	p.children[key] = found
	return found
}

func (p *valuePath) keys() []string {
	var found []string
	for ; p.parent != nil; p = p.parent {
		found = append(found, p.key)
	}
	slices.Reverse(found)
	return found
}

// grounds are what a value rests on: values, and the texts of included templates.
type grounds struct {
	reads  []*valuePath
	inners []*execution
}

type made struct {
	value any // so that nothing else comes to lie at its address
	parts map[string]*grounds
}

// An execution of a template, as parts of what it wrote.
type execution struct {
	name  string
	out   *strings.Builder
	parts []part
}

// A part of a text, in bytes, and where it comes from. A template that is itself a value has no file.
type part struct {
	start, end int
	file       *templateFile
	at         int
	isText     bool // the template's own text, not an action's
	reads      []*valuePath
}

type templateFile struct {
	path  string
	text  string
	lines []int // where each begins
}

func newTemplateFile(path, text string) *templateFile {
	lines := []int{0}
	for i, each := range []byte(text) {
		if each == '\n' {
			lines = append(lines, i+1)
		}
	}
	return &templateFile{path: path, text: text, lines: lines}
}

// place gives line and column, from 1, as editors count.
func (f *templateFile) place(at int) (line, column int) {
	line = sort.SearchInts(f.lines, at+1)
	return line, utf16Length(f.text[f.lines[line-1]:min(at, len(f.text))]) + 1
}

func utf16Length(text string) int {
	length := 0
	for _, each := range text {
		length++
		if each > 0xffff {
			length++
		}
	}
	return length
}

func newTracer(values map[string]any) *tracer {
	t := &tracer{
		files:    map[string]*templateFile{},
		finished: map[string]*execution{},
		known:    map[uintptr]*valuePath{},
		made:     map[uintptr]made{},
	}
	t.learn(reflect.ValueOf(values), &valuePath{})
	return t
}

func (t *tracer) learn(value reflect.Value, path *valuePath) {
	value = inner(value)
	id := addressOf(value)
	if id == 0 || t.known[id] != nil {
		return
	}
	t.known[id] = path
	if value.Kind() == reflect.Slice {
		for i := range value.Len() {
			t.learn(value.Index(i), path.child(strconv.Itoa(i)))
		}
		return
	}
	for each := value.MapRange(); each.Next(); {
		t.learn(each.Value(), path.child(each.Key().String()))
	}
}

// inner takes interfaces away, and what text/template wraps arguments in.
func inner(value reflect.Value) reflect.Value {
	for value.IsValid() {
		if value.Kind() == reflect.Interface {
			value = value.Elem()
		} else if value.Type() == reflect.TypeFor[reflect.Value]() {
			value = value.Interface().(reflect.Value)
		} else {
			break
		}
	}
	return value
}

// addressOf tells maps with text keys and lists apart; 0 is anything else.
func addressOf(value reflect.Value) uintptr {
	switch value.Kind() {
	case reflect.Map:
		if value.Type().Key().Kind() != reflect.String {
			return 0
		}
		return value.Pointer()
	case reflect.Slice:
		if value.Len() > 0 {
			return value.Pointer()
		}
	}
	return 0
}

func (t *tracer) Begin(of *template.Template, to io.Writer) any {
	out, _ := to.(*strings.Builder)
	t.running = append(t.running, &execution{name: of.Name(), out: out})
	passed := t.passed
	t.passed = nil
	return passed
}

func (t *tracer) End() {
	last := len(t.running) - 1
	ended := t.running[last]
	t.running = t.running[:last]
	if last == 0 {
		t.finished[ended.name] = ended
		return
	}
	t.inners = append(t.inners, ended)
	for _, each := range ended.parts {
		t.reads = append(t.reads, each.reads...)
	}
	t.tidy(0)
}

// A loop may read the same again and again; what is kept has an end.
const mostReads = 4096

func (t *tracer) tidy(from int) {
	if len(t.reads)-from > mostReads {
		t.reads = append(t.reads[:from], distinct(t.reads[from:])...)
	}
}

func (t *tracer) Mark() [2]int { return [2]int{len(t.reads), len(t.inners)} }

func (t *tracer) Since(mark [2]int) any {
	reads, inners := t.reads[min(mark[0], len(t.reads)):], t.inners[min(mark[1], len(t.inners)):]
	if len(reads) == 0 && len(inners) == 0 {
		return (*grounds)(nil)
	}
	return &grounds{reads: slices.Clone(reads), inners: slices.Clone(inners)}
}

func (t *tracer) Take(mark [2]int) any {
	found := t.Since(mark)
	t.reads = t.reads[:min(mark[0], len(t.reads))]
	t.inners = t.inners[:min(mark[1], len(t.inners))]
	return found
}

func (t *tracer) Rest(on any) {
	if rests, is := on.(*grounds); is && rests != nil {
		t.reads = append(t.reads, rests.reads...)
		t.inners = append(t.inners, rests.inners...)
	}
}

// Inside does without the grounds of a map whose fields have their own.
func (t *tracer) Inside(on any, value reflect.Value) {
	id := addressOf(inner(value))
	if t.known[id] == nil && t.made[id].parts == nil {
		t.Rest(on)
	}
}

func (t *tracer) Read(from, key reflect.Value) {
	t.Rest(t.Element((*grounds)(nil), from, key))
}

// Element is what an element rests on: itself, if the list or map is a value's, or else what is given.
func (t *tracer) Element(otherwise any, of, key reflect.Value) any {
	id := addressOf(inner(of))
	name := keyText(inner(key))
	if path := t.known[id]; path != nil && name != "" {
		return &grounds{reads: []*valuePath{path.child(name)}}
	}
	if parts := t.made[id].parts; parts != nil {
		return parts[name]
	}
	return otherwise
}

func keyText(key reflect.Value) string {
	switch {
	case !key.IsValid():
		return ""
	case key.Kind() == reflect.String:
		return key.String()
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10)
	}
	return ""
}

func (t *tracer) Calls(name string, given []any) {
	if (name == "include" || name == "tpl") && len(given) > 1 {
		t.passed, _ = given[1].(*grounds)
	}
}

// Called looks at the functions that take values apart, or put them together.
func (t *tracer) Called(name string, args []reflect.Value, given []any, result reflect.Value) {
	switch name {
	case "index":
		for i, from := 1, args[0]; i < len(args); i++ {
			t.Read(from, args[i])
			from = elementOf(from, inner(args[i]))
		}
	case "get":
		t.Read(args[0], args[1])
	case "dig":
		from := args[len(args)-1]
		for _, key := range args[:max(0, len(args)-2)] {
			t.Read(from, key)
			from = elementOf(from, inner(key))
		}
	case "dict":
		parts := map[string]*grounds{}
		for i := 0; i+1 < len(args); i += 2 {
			parts[keyText(inner(args[i]))], _ = given[i+1].(*grounds)
		}
		t.make(result, parts)
	case "list", "tuple":
		parts := map[string]*grounds{}
		for i := range args {
			parts[strconv.Itoa(i)], _ = given[i].(*grounds)
		}
		t.make(result, parts)
	}
}

func (t *tracer) make(result reflect.Value, parts map[string]*grounds) {
	result = inner(result)
	if id := addressOf(result); id != 0 {
		t.made[id] = made{value: result.Interface(), parts: parts}
	}
}

// elementOf is an element, or nothing.
func elementOf(from, key reflect.Value) reflect.Value {
	from = inner(from)
	switch {
	case !from.IsValid() || !key.IsValid():
	case from.Kind() == reflect.Map && key.Type().AssignableTo(from.Type().Key()):
		return from.MapIndex(key)
	case from.Kind() == reflect.Slice && key.CanInt() && key.Int() >= 0 && key.Int() < int64(from.Len()):
		return from.Index(int(key.Int()))
	}
	return reflect.Value{}
}

func (t *tracer) Written() int {
	if out := t.running[len(t.running)-1].out; out != nil {
		return out.Len()
	}
	return 0
}

func (t *tracer) Wrote(by *template.Template, node parse.Node, from int, on any) {
	execution := t.running[len(t.running)-1]
	if execution.out == nil || execution.out.Len() == from {
		return
	}
	whole := part{start: from, end: execution.out.Len(), file: t.files[by.ParseName], at: int(node.Position())}
	if _, isText := node.(*parse.TextNode); isText {
		execution.parts = appendLines(execution.parts, whole, execution.out.String()[from:])
		return
	}
	rests, _ := on.(*grounds)
	if rests == nil {
		rests = &grounds{}
	}
	whole.reads = distinct(rests.reads)
	execution.parts = appendRefined(execution.parts, whole, execution.out.String()[from:], rests.inners)
}

// appendLines adds a template's own text, each line with its place.
func appendLines(parts []part, whole part, text string) []part {
	for len(text) > 0 {
		length := strings.IndexByte(text, '\n') + 1
		if length == 0 {
			length = len(text)
		}
		line := whole
		line.isText = true
		line.end = line.start + length
		parts = append(parts, line)
		whole.start, whole.at, text = line.end, whole.at+length, text[length:]
	}
	return parts
}

// How many lines of a text are looked at for the next line of an included one: it is usually the next, indented.
const mostSkipped = 16

// appendRefined adds what an action wrote: where lines of an included template are found in it again, these are the
// included template's own.
func appendRefined(parts []part, whole part, text string, inners []*execution) []part {
	done := 0 // up to where parts have been added
	// What is between an included template's lines is the action's own; blanks say nothing.
	outer := func(until int) {
		if done < until {
			own := whole
			own.start, own.end = whole.start+done, whole.start+until
			if strings.TrimSpace(text[done:until]) == "" {
				own.reads = nil
			}
			parts = append(parts, own)
		}
		done = until
	}
	add := func(start, end int, from *execution, at int) {
		outer(start)
		for _, each := range from.parts[sort.Search(len(from.parts), func(i int) bool { return from.parts[i].end > at }):] {
			first, last := max(each.start, at), min(each.end, at+end-start)
			if first >= last {
				break
			}
			if each.file == nil {
				each.file, each.at, each.isText = whole.file, whole.at, false
				each.reads = distinct(slices.Concat(each.reads, whole.reads))
			} else if each.isText {
				each.at += first - each.start
			}
			each.start, each.end = whole.start+start+first-at, whole.start+start+last-at
			parts = append(parts, each)
		}
		done = end
	}
	for _, each := range inners {
		if each.out == nil || len(each.parts) == 0 {
			continue
		}
		included := each.out.String()
		trimmed := strings.TrimSpace(included)
		if trimmed == "" {
			continue
		}
		skipped := len(included) - len(strings.TrimLeft(included, " \t\r\n"))
		if !strings.Contains(trimmed, "\n") {
			if at := strings.Index(text[done:], trimmed); at >= 0 {
				add(done+at, done+at+len(trimmed), each, skipped)
			}
			continue
		}
		found, isInOrder := matchedLines(included, text, done)
		for _, line := range found {
			if isInOrder {
				add(line.start, line.end, each, line.from)
			} else {
				outer(line.start)
				parts = append(parts, each.line(line, whole))
				done = line.end
			}
		}
	}
	outer(len(text))
	return parts
}

// A line of a text that is a line of an included template's text again: without blanks around it.
type matchedLine struct {
	start, end int
	from, to   int // in the included text
}

// matchedLines finds an included text's lines in another text, in their order, as `nindent` leaves them. Where most
// aren't there like that, they went through fromYaml and toYaml: these sort keys, and take quotes away.
func matchedLines(included, text string, done int) (found []matchedLine, isInOrder bool) {
	all := 0
	byText := map[string][]matchedLine{}
	cursor := done
	for at := 0; at < len(included); at = lineEnd(included, at) {
		line := strings.TrimSpace(included[at:lineEnd(included, at)])
		if line == "" {
			continue
		}
		all++
		from := at + strings.Index(included[at:], line)
		byText[bare(line)] = append(byText[bare(line)], matchedLine{from: from, to: from + len(line)})
		if start := findLine(text, cursor, line); start >= 0 {
			found = append(found, matchedLine{start: start, end: start + len(line), from: from, to: from + len(line)})
			cursor = lineEnd(text, start)
		}
	}
	if len(found)*10 >= all*9 {
		return found, true
	}
	found = nil
	for at := done; at < len(text); at = lineEnd(text, at) {
		line := strings.TrimSpace(text[at:lineEnd(text, at)])
		if same := byText[bare(line)]; line != "" && len(same) > 0 {
			start := at + strings.Index(text[at:], line)
			found = append(found, matchedLine{start: start, end: start + len(line), from: same[0].from, to: same[0].to})
			byText[bare(line)] = same[1:]
		}
	}
	return found, false
}

func bare(line string) string {
	return strings.NewReplacer(`"`, "", "'", "").Replace(strings.TrimPrefix(line, "- "))
}

// line is a whole line of an included text as one part: where its first action stands, with all that its actions read.
func (e *execution) line(of matchedLine, outer part) part {
	made := part{start: outer.start + of.start, end: outer.start + of.end}
	for _, each := range e.parts[sort.Search(len(e.parts), func(i int) bool { return e.parts[i].end > of.from }):] {
		if each.start >= of.to {
			break
		}
		if each.file != nil && (made.file == nil || len(made.reads) == 0 && len(each.reads) > 0) {
			made.file, made.at = each.file, each.at
			if each.isText {
				made.at += max(0, of.from-each.start)
			}
		}
		made.reads = append(made.reads, each.reads...)
	}
	if made.file == nil {
		made.file, made.at = outer.file, outer.at
	}
	made.reads = distinct(made.reads)
	return made
}

func lineEnd(text string, from int) int {
	if at := strings.IndexByte(text[from:], '\n'); at >= 0 {
		return from + at + 1
	}
	return len(text)
}

// findLine gives where a line stands that is the given one but for blanks around it; -1 if it isn't among the next.
func findLine(text string, from int, line string) int {
	for i := 0; i < mostSkipped && from < len(text); i++ {
		end := lineEnd(text, from)
		if strings.TrimSpace(text[from:end]) == line {
			return from + strings.Index(text[from:end], line)
		}
		from = end
	}
	return -1
}

// distinct leaves out what stands there again, and what contains another: to read service.port is to read service.
func distinct(reads []*valuePath) []*valuePath {
	if len(reads) == 0 {
		return nil
	}
	inside := map[*valuePath]bool{}
	seen := map[*valuePath]bool{}
	for _, each := range reads {
		if seen[each] {
			continue
		}
		seen[each] = true
		for above := each.parent; above != nil && !inside[above]; above = above.parent {
			inside[above] = true
		}
	}
	var found []*valuePath
	for _, each := range reads {
		if seen[each] && !inside[each] {
			found = append(found, each)
			seen[each] = false
		}
	}
	return found
}

// spans gives those of a document that lies in an execution's text, in UTF-16 units from its beginning. Helm takes all
// "<no value>" away afterwards.
func (t *tracer) spans(of *execution, start, end int, isSubchart func([]string) bool) []span {
	var found []span
	text := of.out.String()
	at := position{text: text}
	first := at.of(start)
	for _, each := range of.parts {
		from, to := max(each.start, start), min(each.end, end)
		if from >= to || each.file == nil {
			continue
		}
		place := each.at
		if each.isText {
			place += from - each.start
		}
		line, column := each.file.place(place)
		reads := [][]string{}
		for _, read := range each.reads {
			reads = append(reads, ofTopChart(read.keys(), isSubchart))
		}
		found = append(found, span{
			Start: at.of(from) - first, End: at.of(to) - first,
			Template: each.file.path, Line: line, Column: column, Reads: reads,
		})
	}
	return found
}

const noValue = "<no value>"

// A position in a text as bytes, made one in UTF-16 units without any "<no value>"; asked in order, it goes on from
// where it was.
type position struct {
	text  string
	bytes int
	units int
}

func (p *position) of(bytes int) int {
	for p.bytes < bytes {
		if strings.HasPrefix(p.text[p.bytes:], noValue) {
			p.bytes += len(noValue)
			continue
		}
		each, size := utf8.DecodeRuneInString(p.text[p.bytes:])
		p.bytes += size
		p.units++
		if each > 0xffff {
			p.units++
		}
	}
	return p.units
}

// ofTopChart says a global value as the top chart has it: each sub-chart is given its own copy.
func ofTopChart(keys []string, isSubchart func([]string) bool) []string {
	for i, each := range keys {
		if each == "global" && i > 0 && isSubchart(keys[:i]) {
			return keys[i:]
		}
	}
	return keys
}
