/** The stations of a round in their order. */
export const stations = [
  'prompts',
  'samples',
  'judgements',
  'quality',
  'dataset',
  'reward',
  'policy',
  'evaluation',
  'promotion',
] as const
export type StationName = (typeof stations)[number]

/** undefined after the last. */
export const stationAfter = (station: StationName): StationName | undefined => stations[stations.indexOf(station) + 1]

export const titles: Readonly<Record<StationName, string>> = {
  prompts: 'Prompts',
  samples: 'Samples',
  judgements: 'Judgements',
  quality: 'Quality',
  dataset: 'Dataset',
  reward: 'Reward',
  policy: 'Policy',
  evaluation: 'Evaluation',
  promotion: 'Promotion',
}
