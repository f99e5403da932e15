// The judge: Istio's own pilot says what it would send to Envoys for some objects; what Envoy does with that, the
// package beside this one says. One set of objects with its requests a line in, one answer a line out, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	envoy "google.golang.org/grpc/judge"
)

type question struct {
	Objects []json.RawMessage `json:"objects"`
	// By the name that requests have for them.
	Proxies  map[string]proxy `json:"proxies"`
	Requests []envoy.Asked    `json:"requests"`
	// Whether what the proxies are sent is wanted too.
	Sent bool `json:"sent"`
}

type answer struct {
	Answers [][]envoy.Outcome          `json:"answers,omitempty"`
	Sent    map[string]json.RawMessage `json:"sent,omitempty"`
	Error   string                     `json:"error,omitempty"`
}

func answerTo(q question) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	tables, err := translate(q)
	if err != nil {
		return answer{Error: err.Error()}
	}
	if q.Sent {
		made.Sent = map[string]json.RawMessage{}
		for name, each := range tables {
			made.Sent[name] = sent(each)
		}
	}
	for _, each := range q.Requests {
		table := tables[each.Gateway]
		if table == nil {
			made.Answers = append(made.Answers, envoy.Refused("no proxy"))
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

func failed(problem error) answer { return answer{Error: problem.Error()} }

func main() {
	answers := os.Stdout
	// What else would be printed there is no answer.
	os.Stdout = os.Stderr
	envoy.AnswerLines(os.Stdin, answers, answerTo, failed)
}
