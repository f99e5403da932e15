package main

import (
	"path"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/resid"
)

// kustomize builds a folder as `kustomize build` would without any flags.
func kustomize(asked request) rendered {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	var about []object
	krusty.Built = func(resources resmap.ResMap) {
		for _, each := range resources.Resources() {
			about = append(about, provenance(asked.Root, each))
		}
	}
	built, err := krusty.MakeKustomizer(options).Run(given, asked.Root)
	if err != nil {
		return rendered{Problem: kustomizeProblem(asked.Root, err)}
	}
	before := printed
	printed = make(map[string]string, built.Size())
	for i, each := range built.Resources() {
		if about[i].Text, err = textOf(each, before); err != nil {
			return rendered{Problem: kustomizeProblem(asked.Root, err)}
		}
	}
	return rendered{Objects: about}
}

// printed holds what the last build printed, by each resource as it stands in memory: printing goes through JSON, and
// most of what a key leaves as it was would be most of a build's time.
var printed = map[string]string{}

func textOf(from *resource.Resource, before map[string]string) (string, error) {
	standing, err := from.RNode.String()
	if err != nil {
		return "", err
	}
	text, known := before[standing]
	if !known {
		asYAML, err := from.AsYAML()
		if err != nil {
			return "", err
		}
		text = string(asYAML)
	}
	printed[standing] = text
	return text, nil
}

// provenance is where a resource comes from: whence it was read or generated, and as what.
func provenance(root string, from *resource.Resource) object {
	id := from.OrgId()
	namespace := id.EffectiveNamespace()
	if namespace == resid.TotallyNotANamespace {
		namespace = ""
	}
	found := object{Original: &identity{Kind: id.Kind, Namespace: namespace, Name: id.Name}}
	if whence, err := from.GetOrigin(); err == nil && whence != nil {
		found.Origin = &origin{
			Path:         localPath(root, whence.Repo, whence.Path),
			Repo:         pointerTo(whence.Repo),
			Ref:          pointerTo(whence.Ref),
			ConfiguredIn: localPath(root, whence.Repo, whence.ConfiguredIn),
			ConfiguredBy: pointerTo(whence.ConfiguredBy.Kind),
		}
	}
	return found
}

// localPath makes a path absolute that kustomize counts from the folder that is built.
func localPath(root, repository, name string) *string {
	if repository == "" && name != "" {
		name = path.Join(root, name)
	}
	return pointerTo(name)
}
