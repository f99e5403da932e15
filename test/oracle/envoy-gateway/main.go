// The judge: Envoy Gateway's own translators say what they would send to Envoy for some objects; what Envoy does with
// that, the package envoy says. One set of objects with its requests a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	envoy "google.golang.org/grpc/judge"
)

type question struct {
	Objects  []json.RawMessage `json:"objects"`
	Requests []envoy.Asked     `json:"requests"`
}

type answer struct {
	Answers [][]envoy.Outcome `json:"answers,omitempty"`
	// What is false in the status of which listener or route.
	Conditions conditions `json:"conditions,omitempty"`
	Error      string     `json:"error,omitempty"`
}

func answerTo(q question) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	tables, conditions, err := translate(q.Objects)
	if err != nil {
		return answer{Error: err.Error()}
	}
	made.Conditions = conditions
	for key, table := range tables {
		// Envoy Gateway then sends nothing, and Envoy keeps what it had.
		if table.problem != nil {
			return answer{Error: key + ": " + table.problem.Error()}
		}
	}
	for _, each := range q.Requests {
		table := tables[each.Gateway]
		if table == nil {
			made.Answers = append(made.Answers, envoy.Refused("no Gateway"))
			continue
		}
		outcomes, err := table.Answer(each)
		if err != nil {
			return answer{Error: fmt.Sprintf("%v: %v", each, err)}
		}
		made.Answers = append(made.Answers, outcomes)
	}
	return made
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var q question
			made := answer{}
			if problem := json.Unmarshal(line, &q); problem != nil {
				made.Error = problem.Error()
			} else {
				made = answerTo(q)
			}
			if problem := answers.Encode(made); problem != nil {
				fmt.Fprintln(os.Stderr, problem)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
