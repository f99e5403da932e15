// Or rand.Seed would do nothing.
//go:debug randseednop=0

// Command render builds kustomizations and charts by their own code. It is a WebAssembly module that stays alive between
// builds: the host puts files in and asks for builds, in JSON. See render/README.md.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"runtime/debug"
	"slices"
	"unsafe"
)

// A request as render/sandbox.ts has it: KustomizeRequest or HelmRequest.
type request struct {
	Kind        string   `json:"kind"`
	Root        string   `json:"root"`
	Chart       string   `json:"chart"`
	Values      []string `json:"values"`
	Inline      []inline `json:"inline"`
	Set         []string `json:"set"`
	Release     string   `json:"release"`
	Namespace   string   `json:"namespace"`
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
}

type inline struct {
	Text string `json:"text"`
	Path string `json:"path"`
}

// The answer; what its parts mean stands in render/sandbox.ts.
type rendered struct {
	Objects     []object        `json:"objects"`
	Read        []string        `json:"read"`
	Missing     []string        `json:"missing"`
	Problem     *problem        `json:"problem"`
	ValuesFiles []valuesFile    `json:"valuesFiles"`
	Values      json.RawMessage `json:"values"`
}

type object struct {
	Text     string    `json:"text"`
	Origin   *origin   `json:"origin"`
	Original *identity `json:"original"`
	Template *string   `json:"template"`
	Spans    []span    `json:"spans"`
}

type origin struct {
	Path         *string `json:"path"`
	Repo         *string `json:"repo"`
	Ref          *string `json:"ref"`
	ConfiguredIn *string `json:"configuredIn"`
	ConfiguredBy *string `json:"configuredBy"`
}

type identity struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type valuesFile struct {
	Path   string   `json:"path"`
	Prefix []string `json:"prefix"`
}

var given = newFiles()

// What the host has a pointer to must stay where it is until it has read or written it.
var held []byte

//go:wasmexport allocate
func allocate(size int32) unsafe.Pointer {
	held = make([]byte, max(size, 1))
	return unsafe.Pointer(unsafe.SliceData(held))
}

//go:wasmexport put
func put(nameLength, length int32) {
	given.put(string(held[:nameLength]), string(held[nameLength:length]))
	held = nil
}

//go:wasmexport remove
func remove(length int32) {
	given.remove(string(held[:length]))
	held = nil
}

// build answers the request that was written to what allocate gave; the answer's length, and answer its place.
//
//go:wasmexport build
func build(length int32) int32 {
	var asked request
	var answered rendered
	if err := json.Unmarshal(held[:length], &asked); err != nil {
		answered.Problem = &problem{Kind: "sandbox", Message: err.Error()}
	} else {
		given.startBuild()
		rand.Seed(1)
		answered = answerTo(asked)
		answered.Read = names(given.read)
		answered.Missing = names(given.missing)
	}
	if answered.Values == nil {
		answered.Values = json.RawMessage("{}")
	}
	answered.Objects = orEmpty(answered.Objects)
	answered.ValuesFiles = orEmpty(answered.ValuesFiles)
	for i, each := range answered.Objects {
		answered.Objects[i].Spans = orEmpty(each.Spans)
	}
	text, err := json.Marshal(answered)
	if err != nil {
		panic(err) // nothing in it can't be said in JSON
	}
	held = text
	return int32(len(text))
}

// answerTo survives what kustomize or Helm don't: the next build is to find everything in its place.
func answerTo(asked request) (answered rendered) {
	defer func() {
		if fault := recover(); fault != nil {
			answered = rendered{Problem: &problem{Kind: "sandbox", Message: fmt.Sprintf("%s fails: %v", asked.Kind, fault)}}
		}
	}()
	if asked.Kind == "kustomize" {
		return kustomize(asked)
	}
	return helm(asked)
}

//go:wasmexport answer
func answer() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(held)) }

func names(of map[string]bool) []string {
	found := make([]string, 0, len(of))
	for each := range of {
		found = append(found, each)
	}
	slices.Sort(found)
	return found
}

// pointerTo gives null for what isn't said.
func pointerTo(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// orEmpty makes JSON's [] of what would be null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func main() {}

// What is logged are warnings, without a time. Collecting garbage later makes a build faster; before the memory ends, it
// is collected as often as need be.
func init() {
	log.SetFlags(0)
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(400 << 20)
}
